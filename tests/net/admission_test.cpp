#include "net/admission.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using tcpkit::Admission;
using Answer = tcpkit::Admission::Answer;

namespace {

Answer let_in(Admission& admission) {
  const Answer answer = admission.enter();
  if (answer == Answer::Welcome) admission.came();
  return answer;
}

}  // namespace

TEST_CASE("a full server lets the next one in when somebody leaves") {
  Admission admission(2, 0);
  CHECK(let_in(admission) == Answer::Welcome);
  CHECK(let_in(admission) == Answer::Welcome);
  CHECK(admission.full());
  CHECK(let_in(admission) == Answer::Full);
  admission.leave();
  CHECK(let_in(admission) == Answer::Welcome);
  CHECK(admission.accepted() == 3);
  CHECK(admission.open() == 2);
}

TEST_CASE("after the last one asked for nobody is let in, however many leave") {
  Admission admission(10, 2);
  CHECK(let_in(admission) == Answer::Welcome);
  CHECK_FALSE(admission.no_more());
  CHECK(let_in(admission) == Answer::Welcome);
  CHECK(admission.no_more());
  admission.leave();
  CHECK(let_in(admission) == Answer::NoMore);
  CHECK(admission.open() == 1);
}

TEST_CASE("a place given back counts as never taken") {
  Admission admission(1, 1);
  CHECK(admission.enter() == Answer::Welcome);
  admission.give_back();
  CHECK(admission.accepted() == 0);
  CHECK(admission.open() == 0);
  CHECK(admission.enter() == Answer::Welcome);
}

TEST_CASE("the last place is only taken when somebody came") {
  Admission admission(1, 1);
  CHECK(admission.enter() == Answer::Welcome);
  CHECK_FALSE(admission.no_more());
  admission.came();
  CHECK(admission.no_more());
}

TEST_CASE("threads that enter at once never exceed the limits") {
  Admission admission(5, 1000);
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&admission] {
      for (int tries = 0; tries < 20'000; ++tries) {
        if (admission.enter() != Answer::Welcome) continue;
        admission.came();
        admission.leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(admission.accepted() == 1000);
  CHECK(admission.open() == 0);
  CHECK(admission.peak() >= 1);
  CHECK(admission.peak() <= 5);
}
