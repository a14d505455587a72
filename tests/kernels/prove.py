#!/usr/bin/env python3
"""Runs, in a machine, tests of the path laboratory over netem's path in its place: prove.py UNITTEST-ARGUMENT..."""

import sys
import unittest

import netem_lab
import path_lab

if __name__ == "__main__":
    path_lab.PathLab = netem_lab.NetemLab  # before a test takes it from there
    unittest.main(module=None, argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
