"""A terminal of a few rows and columns, as far as a redrawn view needs one: it shows what a person would see."""

import re

_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")


class Screen:
    """Feed it what a program writes; `rows` is what is seen, `wrapped` says whether a line was too long."""

    def __init__(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.wrapped = False
        self.scrolled = []  # what left at the top
        self.rows = [""] * lines
        self.row = self.column = 0

    def feed(self, text):
        at = 0
        while at < len(text):
            sequence = _SEQUENCE.match(text, at)
            if sequence:
                self._obey(*sequence.groups())
                at = sequence.end()
            else:
                self._write(text[at])
                at += 1

    def _obey(self, numbers, letter):
        if letter == "H" and not numbers:
            self.row = self.column = 0
        elif letter == "J" and numbers == "2":
            self.rows = [""] * self.lines
        elif letter == "J" and not numbers:
            self._erase_line()
            self.rows[self.row + 1:] = [""] * (self.lines - self.row - 1)
        elif letter == "K" and not numbers:
            self._erase_line()
        elif letter != "m":
            raise ValueError(f"unexpected sequence {numbers!r} {letter!r}")

    def _erase_line(self):
        self.rows[self.row] = self.rows[self.row][:self.column]

    def _write(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._next_row()
        elif character.isprintable():
            self._put(character)
        else:
            raise ValueError(f"unexpected character {character!r}")

    def _put(self, character):
        if self.column == self.columns:
            self.wrapped = True
            self.column = 0
            self._next_row()
        row = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = row[:self.column] + character + row[self.column + 1:]
        self.column += 1

    def _next_row(self):
        if self.row + 1 < self.lines:
            self.row += 1
            return
        self.scrolled.append(self.rows.pop(0))
        self.rows.append("")

    def text(self):
        return "\n".join(self.rows)
