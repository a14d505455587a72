"""The live proofs of findings, as they are in tests/findings, over netem's path on this kernel."""

from borrowed import WITHOUT_LONG, Borrowed, borrow

IN_EVERY_RUN = ("stall_test.WriteWriteRead.test_nodelay_at_the_writer_ends_it",
                "throughput_loss_test.Retransmissions.test_loss_is_named_and_slows_down_until_it_ends",
                "throughput_window_test.PeerWindow")
# Not healthy_test, which is long and no proof of a finding, nor forgotten_test: netem does not forget as a NAT does.
MODULES = ("death_test", "hole_test", "ports_test", "queue_test", "reader_test", "stall_test", "throughput_buffer_test",
           "throughput_loss_test", "throughput_pace_test", "throughput_window_test", "throughput_wscale_test")


class Proofs(Borrowed):
    def test_a_few(self):
        self.run_inside(*IN_EVERY_RUN)


borrow(Proofs, MODULES, WITHOUT_LONG)
