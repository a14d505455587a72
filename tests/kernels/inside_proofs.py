"""The live proofs of findings, as they are in tests/findings, over netem's path on this kernel."""

from borrowed import WITHOUT_LONG, Borrowed, borrow

IN_EVERY_RUN = ("stall_test.WriteWriteRead.test_nodelay_at_the_writer_ends_it",
                "throughput_loss_test.Retransmissions.test_loss_is_named_and_slows_down_until_it_ends",
                "throughput_window_test.PeerWindow")
# Not forgotten_test: netem does not forget as a NAT does.
PROOFS = ("death_test", "hole_test", "ports_test", "queue_test", "reader_test", "stall_test", "throughput_buffer_test",
          "throughput_loss_test", "throughput_pace_test", "throughput_window_test", "throughput_wscale_test")
# Others of its tests ask for larger buffers than Debian's kernels allow, and are told so.
HEALTHY = ("healthy_test.Healthy.test_traffic_to_addresses_of_other_interfaces",)
MODULES = ("healthy_test", *PROOFS)


class Proofs(Borrowed):
    def test_a_few(self):
        self.run_inside(*IN_EVERY_RUN)


borrow(Proofs, PROOFS, WITHOUT_LONG)
borrow(Proofs, HEALTHY, WITHOUT_LONG)
