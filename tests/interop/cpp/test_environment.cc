// Stands in for the test harness that the official programs are usually linked with: they need its name, not its signal handlers and fuzzing engine.
#include "test/core/util/test_config.h"

namespace grpc {
namespace testing {

TestEnvironment::TestEnvironment(int*, char**) {}
TestEnvironment::~TestEnvironment() {}

}  // namespace testing
}  // namespace grpc
