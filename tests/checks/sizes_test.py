"""Functions of known length in every shape the brace counter must see through."""

import unittest

import sizes

# one function of exactly N body lines each
HEADS = [
    "int f() {",
    "static std::vector<int> f(int a, std::string b) noexcept {",
    "template <class T = int>\nauto f(T value) -> std::optional<T> {",
    "bool operator==(const A& a, const B& b) {",
    "void f(Style style = {}, int width = 80) {",
    "Class::Class(int a) : a_(a), b_{a} {",
    "Class::Class(int a) noexcept : Base<int>{a}, b_(a), c_{{1, 2}} {",
    "namespace a::b { namespace {\n[[nodiscard]] Result<int> f() {",
    "class [[nodiscard]] A final : public B {\n public:\n  int f() const {",
    "TEST_CASE(\"a brace { in a name\") {",
    "#define OPEN {\nint f() {",
    "struct A {\n  int a = 1;\n  A() {",
]

# no function at all, however long
TABLES = [
    "constexpr auto kRows = std::to_array<Row>({",
    "constexpr Row kRows[] = {",
    "const std::vector<Row> kRows{",
    "namespace a {",
    "enum class A : int {",
    "struct A {",
    "const auto kCheck = [](int a) {",
]


class SizesTest(unittest.TestCase):
    def test_every_shape_of_function_is_measured(self):
        for head in HEADS:
            with self.subTest(head=head):
                text = head + "\n" + "  if (a) { b(); }\n" * 59 + "}\n"
                self.assertEqual([last - first + 1 for first, last in sizes.functions(text)], [61])
                self.assertEqual(len(list(sizes.check_file("a.cpp", text))), 1)
                self.assertEqual(list(sizes.check_file("a.cpp", text.replace("  if (a) { b(); }\n", "", 1))), [])

    def test_tables_and_types_are_not_functions(self):
        for head in TABLES:
            with self.subTest(head=head):
                self.assertEqual(list(sizes.functions(head + "\n  {1, g(2)},\n" * 99 + "};\n")), [])

    def test_the_function_after_a_table_is_measured(self):
        text = "auto kRows = to_array({\n{1},\n});\nint f() {\n}\n"
        self.assertEqual(list(sizes.functions(text)), [(4, 5)])

    def test_a_long_file_is_named_unless_it_is_a_table(self):
        self.assertEqual(len(list(sizes.check_file("lib/src/sock/codec.cpp", "\n" * 401))), 1)
        self.assertEqual(list(sizes.check_file("lib/src/sock/codec.cpp", "\n" * 400)), [])
        self.assertEqual(list(sizes.check_file("lib/src/sock/catalogue.cpp", "\n" * 401)), [])
        self.assertEqual(list(sizes.check_file("lib/src/sock/sysctls_ipv6.cpp", "\n" * 401)), [])


def run():
    unittest.main(module=__name__, argv=["sizes_test"])
