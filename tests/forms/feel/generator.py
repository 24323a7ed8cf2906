"""Random trees, most of them well typed, so that most of them have an answer.

Trees are made, not texts: that reaches what both evaluators must agree on, including trees that no
text gives. `SCOPE` holds something of every type, and what is known to divide evaluators: texts
beyond the basic plane, numbers beyond 2^53, ties, the ends of months.
"""

from collections.abc import Callable
from random import Random
from typing import Any

Node = Any
Names = dict[str, list[str]]  # the local names by type

NOW = "2026-11-22T10:41:07.123456Z"
NUMBERS = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "10",
    "12",
    "100",
    "-7",
    "0.1",
    "0.2",
    "0.3",
    "2.5",
    "3.5",
    "-2.5",
    "1.005",
    "100.00",
    "0.0001",
    "1.10",
    "33.333",
    "9007199254740993",
    "12345678901234567890.123456789",
    "99999999999999999999999999999999.99",
    "1e-20",
    "1e30",
    "9999999999999999999999999999999999",
    "0.3333333333333333333333333333333333",
    "6.02e23",
    "1e-6143",
    "9e6144",
]
TEXTS = [
    "",
    "a",
    "b",
    "B",
    "z",
    "Ö",
    "é",
    "ß",
    "İ",
    "Σ",
    "\U0001f69a",
    "�",
    "ﷺ",
    "abc\U0001f69ad",
    "L-2026-004",
    "12",
    "1 000,5",
    "hello world",
    "a,b;c",
    "aAbB",
    "\n",
    'say "x"',
    "会签",
    "1.5e3",
]
EDGES = ["\U0001f69a", "\ufdfa", "\ufffd", "z", "z\U0001f69a", "z\ufffd", "Z", ""]
"""Texts whose order by code point is not their order in UTF-16."""
TIMES = {
    "date": [
        "2026-11-22",
        "2024-02-29",
        "2023-01-31",
        "0001-01-01",
        "-0044-03-15",
        "2000-12-31",
        "1582-10-10",
        "999999999-12-31",
    ],
    "time": [
        "00:00:00",
        "23:59:59.999999999",
        "10:20:30+02:00",
        "10:20:30Z",
        "23:30:00.5-11:30",
        "08:00:00@Asia/Shanghai",
    ],
    "date and time": [
        "2026-11-22T14:05:00Z",
        "2024-02-29T12:00:00-11:30",
        "0001-01-01T00:00:00Z",
        "2026-03-29T02:30:00@Europe/Paris",
        "2026-10-25T02:30:00@Europe/Paris",
        "2026-11-22T23:30:00.5+02:00",
        "2026-11-22T10:00:00",
        "2020-12-31T23:59:60",
        "1999-12-31T23:59:59.999999999",
        "2026-07-01T08:00:00@Asia/Shanghai",
        "2026-01-31T00:00:00@America/New_York",
    ],
    "days": [
        "PT48H",
        "P1D",
        "-P2DT3H",
        "PT1S",
        "P365D",
        "PT0.000000001S",
        "-PT0.5S",
        "P0D",
        "P1000000D",
        "PT1H30M",
    ],
    "months": ["P1M", "P1Y", "-P14M", "P0M", "P1Y2M", "P11M", "P999999999M"],
}
SCOPE: dict[str, Any] = {
    "qty": {"number": "12"},
    "limit": {"number": "10.5"},
    "negative": {"number": "-7"},
    "big": {"number": "9007199254740993"},
    "name": "Ölfilter\U0001f69a",
    "lot": "L-2026-004",
    "blank": "",
    "ok": True,
    "bad": False,
    "nothing": None,
    "counts": [{"number": n} for n in ("3", "4", "5", "4")],
    "weights": [{"number": "0.1"}, {"number": "0.20"}, {"number": "-1.005"}],
    "empty": [],
    "tags": ["cold", "fragile", "\U0001f69a", "ﷺ"],
    "mixed": [{"number": "1"}, "a", None, True],
    "flags": [True, False, None],
    "item row": {"context": [["sku", "A"], ["qty", {"number": "2"}], ["bad", {"number": "0"}]]},
    "rows": [
        {"context": [["sku", "A"], ["qty", {"number": "2"}], ["bad", {"number": "0"}]]},
        {"context": [["sku", "B"], ["qty", {"number": "5"}], ["bad", {"number": "1"}]]},
        {"context": [["sku", "C"], ["toString", None], ["__proto__", {"number": "1"}]]},
    ],
    "due": {"date": "2026-11-30"},
    "done": {"date and time": "2026-11-22T14:05:00Z"},
    "lead": {"duration": "P14D"},
    "shelf": {"duration": "P2Y6M"},
    "window": {"range": ["", True, {"number": "1"}, {"number": "10"}, False]},
    "?": {"number": "7"},
}
BY_TYPE: Names = {
    "number": ["qty", "limit", "negative", "big", "?"],
    "text": ["name", "lot", "blank"],
    "boolean": ["ok", "bad"],
    "numbers": ["counts", "weights", "empty"],
    "texts": ["tags", "empty"],
    "booleans": ["flags", "empty"],
    "any list": ["mixed", "rows", "tags", "counts"],
    "context": ["item row"],
    "date": ["due"],
    "date and time": ["done"],
    "days": ["lead"],
    "months": ["shelf"],
    "range": ["window"],
}
PATTERNS = [
    "a",
    "[a-z]+",
    "(a)(b)?",
    "L-([0-9]{4})-(\\d{3})",
    "a|b|",
    "^$",
    "(a*)*b",
    ".",
    "[^a-c]",
    "(\\w+)\\s(\\w+)",
    "[A-Z-[B]]",
    "\\p{Lu}",
    "(.)\\1",
    "o.*?l",
    "x{2,3}",
    "[",
    "(?:ab)+",
    "\\p{L}+",
    "b$",
    "(",
    "a{1001}",
    "\U0001f69a",
    "[é-ﷺ]",
]
TIES = [["n", "2.5"], ["neg", ["n", "2.5"]], ["n", "0.125"], ["neg", ["n", "0.25"]], ["n", "1.15"]]
TYPES = [
    "Any",
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    ["list", "number"],
    ["list", "Any"],
    ["range", "number"],
    ["context", ["sku", "string"]],
    ["function", ["number"], "Any"],
]
COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
ROUNDINGS = [
    "decimal",
    "round up",
    "round down",
    "round half up",
    "round half down",
    "floor",
    "ceiling",
]
RELATIONS = [
    "before",
    "after",
    "meets",
    "met by",
    "overlaps",
    "overlaps before",
    "overlaps after",
    "finishes",
    "finished by",
    "includes",
    "during",
    "starts",
    "started by",
    "coincides",
]


class Generator:
    """Makes trees from one random source."""

    def __init__(self, random: Random, builtins: dict[str, list[tuple[str, ...]]]) -> None:
        self.random = random
        self.builtins = builtins  # parameter names of every signature
        self.locals: list[tuple[str, str]] = []
        self.made = 0
        self.makers: dict[str, Callable[[int], Node]] = {
            "number": self.number,
            "text": self.text,
            "boolean": self.boolean,
            "numbers": self.numbers,
            "texts": self.texts,
            "booleans": lambda d: [
                "list",
                *(self.boolean(d - 1) for _ in range(self.random.randrange(4))),
            ],
            "any list": self.any_list,
            "context": self.context,
            "date": self.date,
            "time": self.time,
            "date and time": self.date_and_time,
            "days": self.days,
            "months": self.months,
            "range": self.range,
            "function": self.function,
        }

    def tree(self) -> list[Any]:
        self.locals, self.made = [], 0
        depth = self.random.choice([1, 2, 2, 3, 3, 4, 5])
        kind = self.random.choice(
            [*self.makers, "number", "number", "boolean", "boolean", "text", "tests"]
        )
        node = self.tests(depth) if kind == "tests" else self.of(kind, depth)
        return ["feel/1", node]

    def of(self, kind: str, depth: int) -> Node:
        """A node of a type; now and then one of any other."""
        if self.chance(0.04):
            return self.wild(depth)
        known = [name for name, of in self.locals if of == kind]
        if known and self.chance(0.3):
            return ["v", self.pick(known)]
        if (depth <= 0 or self.chance(0.15)) and kind in BY_TYPE and self.chance(0.5):
            return ["v", self.pick(BY_TYPE[kind])]
        if depth > 0 and self.chance(0.06):
            return [
                "if",
                self.of("boolean", depth - 1),
                self.of(kind, depth - 1),
                self.of(kind, depth - 1),
            ]
        return self.makers[kind](depth)

    def wild(self, depth: int) -> Node:
        """Anything: a null, a name, a call with arguments of random types and number."""
        choice = self.random.random()
        if choice < 0.3:
            return self.pick([None, True, False, ["v", "missing"], ["v", "nothing"], ["v", "?"]])
        if choice < 0.6 or depth <= 0:
            return self.of(self.pick(list(self.makers)), min(depth, 1) - 1)
        name = self.pick(list(self.builtins))
        signature = self.pick(self.builtins[name])
        kinds = list(self.makers)
        count = max(0, len(signature) + self.pick([0, 0, 0, 0, -1, 1]))
        return ["b", name, *(self.of(self.pick(kinds), depth - 1) for _ in range(count))]

    def pick(self, items: Any) -> Any:
        return items[self.random.randrange(len(items))]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, *options: Callable[[], Node]) -> Node:
        """One of several nodes, made only when chosen."""
        return self.pick(options)()

    def local(self) -> str:
        self.made += 1
        return f"x{self.made}"

    def within(self, name: str, kind: str, make: Callable[[], Node]) -> Node:
        """What `make` makes while a name is bound."""
        self.locals.append((name, kind))
        node = make()
        self.locals.pop()
        return node

    # --- by type

    def number(self, d: int) -> Node:
        def n() -> Node:
            return self.of("number", d - 1)

        if d <= 0:
            return self.literal_number()
        return self.one(
            self.literal_number,
            lambda: [self.pick("+-*/"), n(), n()],
            lambda: [self.pick("+-*/"), n(), n()],
            lambda: [
                "**",
                n(),
                self.one(n, lambda: ["n", self.pick(["2", "-1", "3", "0.5", "12", "-2.5", "0"])]),
            ],
            lambda: ["neg", n()],
            lambda: ["b", self.pick(ROUNDINGS), self.pick(TIES), ["n", self.pick(["0", "1", "2"])]],
            lambda: [
                "b",
                self.pick(ROUNDINGS),
                n(),
                ["n", self.pick(["0", "1", "2", "5", "-1", "-2", "34"])],
            ],
            lambda: [
                "b",
                self.pick(["sum", "min", "max", "mean", "median", "stddev", "product", "count"]),
                self.of("numbers", d - 1),
            ],
            lambda: ["b", self.pick(["min", "max", "sum"]), n(), n(), n()],
            lambda: ["b", "modulo", n(), n()],
            lambda: ["b", self.pick(["abs", "floor", "ceiling", "sqrt", "exp", "log"]), n()],
            lambda: ["b", "string length", self.of("text", d - 1)],
            lambda: [
                "b",
                "number",
                self.of("text", d - 1),
                self.pick([None, ",", "."]),
                self.pick([None, ".", ","]),
            ],
            lambda: [
                ".",
                self.of("date and time", d - 1),
                self.pick(["year", "month", "day", "weekday", "hour", "minute", "second"]),
            ],
            lambda: [".", self.of("time", d - 1), self.pick(["hour", "minute", "second"])],
            lambda: [
                ".",
                self.of("days", d - 1),
                self.pick(["days", "hours", "minutes", "seconds", "years"]),
            ],
            lambda: [".", self.of("months", d - 1), self.pick(["years", "months", "days"])],
            lambda: [".", ["[]", ["v", "rows"], n()], "qty"],
            lambda: [
                "[]",
                self.of("numbers", d - 1),
                self.one(
                    n, lambda: ["n", self.pick(["1", "2", "-1", "9"])], lambda: ["neg", ["n", "1"]]
                ),
            ],
            lambda: ["b", self.pick(["day of year", "week of year"]), self.of("date", d - 1)],
            lambda: [".", self.of("range", d - 1), self.pick(["start", "end"])],
            lambda: ["/", self.of("days", d - 1), self.of("days", d - 1)],
            lambda: ["call", self.of("function", d - 1), n()],
            lambda: ["b", "get value", self.of("context", d - 1), self.pick(["qty", "bad", "sku"])],
        )

    def literal_number(self) -> Node:
        """One of the known ones, or any digits at any place."""
        if self.chance(0.7):
            return ["n", self.pick(NUMBERS)]
        digits = str(self.random.randrange(1, 10 ** self.random.randrange(1, 35)))
        return ["n", f"{digits}e{self.random.randrange(-40, 20)}"]

    def text(self, d: int) -> Node:
        def t() -> Node:
            return self.of("text", d - 1)

        if d <= 0:
            return self.pick(TEXTS)
        return self.one(
            lambda: self.pick(TEXTS),
            lambda: ["+", t(), t()],
            lambda: ["b", "substring", t(), self.of("number", d - 1)],
            lambda: [
                "b",
                "substring",
                t(),
                ["n", self.pick(["1", "2", "-1", "-3"])],
                ["n", self.pick(["0", "1", "2.9", "9"])],
            ],
            lambda: ["b", self.pick(["upper case", "lower case"]), t()],
            lambda: ["b", self.pick(["substring before", "substring after"]), t(), t()],
            lambda: ["b", "string", self.of(self.pick(list(self.makers)), d - 1)],
            lambda: ["b", "string join", self.of("texts", d - 1), t()],
            lambda: [
                "b",
                "replace",
                t(),
                self.pick(PATTERNS),
                self.pick(["", "#", "[$1]", "$0$0", "$", "\\$"]),
                self.pick(["", "i", "x", "s"]),
            ],
            lambda: ["b", self.pick(["day of week", "month of year"]), self.of("date", d - 1)],
            lambda: [".", self.of("date and time", d - 1), "timezone"],
            lambda: ["[]", self.of("texts", d - 1), ["n", self.pick(["1", "2", "-1"])]],
        )

    def boolean(self, d: int) -> Node:
        def b() -> Node:
            return self.of("boolean", d - 1)

        if d <= 0:
            return self.pick([True, False])
        comparable = self.pick(
            ["number", "number", "text", "date", "time", "date and time", "days", "months"]
        )

        def other() -> Node:
            return self.of(comparable, d - 1)

        any_kind = self.pick(list(self.makers))
        return self.one(
            lambda: [self.pick(COMPARISONS), other(), other()],
            lambda: [self.pick(COMPARISONS), other(), other()],
            lambda: [self.pick(COMPARISONS), self.pick(EDGES), self.pick(EDGES)],
            lambda: [self.pick(["=", "!="]), self.of(any_kind, d - 1), self.of(any_kind, d - 1)],
            lambda: [self.pick(["and", "or"]), *(b() for _ in range(self.random.randrange(2, 4)))],
            lambda: ["b", "not", b()],
            lambda: ["between", other(), other(), other()],
            lambda: [
                "in",
                other(),
                *(self.test(comparable, d - 1) for _ in range(self.random.randrange(1, 4))),
            ],
            lambda: ["in", self.of("number", d - 1), ["test", "in", self.of("range", d - 1)]],
            lambda: self.quantified(d),
            lambda: [
                "b",
                self.pick(["contains", "starts with", "ends with"]),
                self.of("text", d - 1),
                self.of("text", d - 1),
            ],
            lambda: [
                "b",
                "matches",
                self.of("text", d - 1),
                self.pick(PATTERNS),
                self.pick(["", "i", "m", "sx", "q"]),
            ],
            lambda: ["b", "list contains", self.of("any list", d - 1), self.of(any_kind, d - 1)],
            lambda: ["b", self.pick(["all", "any"]), self.of("booleans", d - 1)],
            lambda: ["b", self.pick(["odd", "even"]), self.of("number", d - 1)],
            lambda: ["is", self.of(any_kind, d - 1), self.pick(TYPES)],
            lambda: ["b", "is", self.of(any_kind, d - 1), self.of(any_kind, d - 1)],
            lambda: [
                "b",
                self.pick(RELATIONS),
                self.of(self.pick(["range", "number"]), d - 1),
                self.of(self.pick(["range", "number"]), d - 1),
            ],
        )

    def test(self, kind: str, d: int) -> Node:
        return self.one(
            lambda: ["test", self.pick(COMPARISONS), self.of(kind, d)],
            lambda: ["test", "in", self.of(kind, d)],
            lambda: ["test", "in", ["list", self.of(kind, d), self.of(kind, d)]],
            lambda: [
                "test",
                "in",
                ["range", self.chance(0.5), self.of(kind, d), self.of(kind, d), self.chance(0.5)],
            ],
        )

    def tests(self, d: int) -> Node:
        """A decision table cell."""
        cells = [self.test("number", d - 1) for _ in range(self.random.randrange(1, 4))]
        if self.chance(0.2):
            cells.append(["test", "is", self.of("boolean", d - 1)])
        return ["tests", self.chance(0.7), *cells]

    def quantified(self, d: int) -> Node:
        name = self.local()
        source = self.of("numbers", d - 1)
        condition = self.within(name, "number", lambda: self.of("boolean", d - 1))
        return [self.pick(["some", "every"]), [[name, source]], condition]

    def mapped(self, d: int, kind: str) -> Node:
        """for … return, over one or two lists, a range of numbers, or with `partial`."""
        name = self.local()

        def body() -> Node:
            return self.of(kind, d - 1)

        def small() -> Node:
            return ["n", self.pick(["1", "2", "3", "0", "-2"])]

        source: Node = self.one(
            lambda: [name, self.of("numbers", d - 1)],
            lambda: [name, small(), small()],
            lambda: [name, ["range", self.chance(0.5), small(), small(), self.chance(0.5)]],
        )
        if self.chance(0.2):
            second = self.local()
            inner = self.within(name, "number", lambda: self.of("numbers", d - 1))
            inside = self.within(name, "number", lambda: self.within(second, "number", body))
            return ["for", [source, [second, inner]], inside]
        if kind == "number" and self.chance(0.2):
            return ["for", [source], ["+", ["v", name], ["b", "count", ["v", "partial"]]]]
        return ["for", [source], self.within(name, "number", body)]

    def numbers(self, d: int) -> Node:
        if d <= 0:
            return ["list", *(self.literal_number() for _ in range(self.random.randrange(4)))]

        def ls() -> Node:
            return self.of("numbers", d - 1)

        def position() -> Node:
            return ["n", self.pick(["1", "2", "-1", "5", "0"])]

        return self.one(
            lambda: ["list", *(self.of("number", d - 1) for _ in range(self.random.randrange(5)))],
            lambda: self.mapped(d, "number"),
            lambda: ["[]", ls(), self.within("item", "number", lambda: self.of("boolean", d - 1))],
            lambda: [
                ".",
                ["v", "rows"],
                self.pick(["qty", "bad", "sku", "toString", "__proto__", "constructor"]),
            ],
            lambda: [
                "[]",
                [".", ["v", "rows"], "qty"],
                [">", ["v", "item"], self.of("number", d - 1)],
            ],
            lambda: [
                ".",
                [
                    "[]",
                    ["v", "rows"],
                    [
                        self.pick(COMPARISONS),
                        ["v", self.pick(["qty", "bad"])],
                        self.of("number", d - 1),
                    ],
                ],
                "qty",
            ],
            lambda: ["b", self.pick(["concatenate", "union"]), ls(), ls()],
            lambda: [
                "b",
                self.pick(["reverse", "distinct values", "mode", "sort", "flatten"]),
                ls(),
            ],
            lambda: ["b", "append", ls(), self.of("number", d - 1)],
            lambda: ["b", "sublist", ls(), position(), position()],
            lambda: ["b", "insert before", ls(), position(), self.of("number", d - 1)],
            lambda: ["b", "remove", ls(), position()],
            lambda: ["b", "index of", ls(), self.of("number", d - 1)],
            lambda: self.sorted(d),
            lambda: [
                "b",
                "list replace",
                ls(),
                self.one(position, lambda: self.comparator(d)),
                self.of("number", d - 1),
            ],
        )

    def sorted(self, d: int) -> Node:
        return ["b", "sort", self.of("numbers", d - 1), self.comparator(d)]

    def comparator(self, d: int) -> Node:
        a, b = self.local(), self.local()
        body = self.within(
            a, "number", lambda: self.within(b, "number", lambda: self.of("boolean", d - 1))
        )
        usual: Node = [self.pick(["<", ">"]), ["v", a], ["v", b]]
        return ["func", [[a, None], [b, None]], usual if self.chance(0.5) else body]

    def texts(self, d: int) -> Node:
        if d <= 0:
            return ["list", *(self.pick(TEXTS) for _ in range(self.random.randrange(4)))]
        return self.one(
            lambda: ["list", *(self.of("text", d - 1) for _ in range(self.random.randrange(4)))],
            lambda: self.mapped(d, "text"),
            lambda: ["b", "split", self.of("text", d - 1), self.pick(PATTERNS)],
            lambda: ["b", "sort", self.of("texts", d - 1)],
            lambda: [
                "[]",
                self.of("texts", d - 1),
                self.within("item", "text", lambda: self.of("boolean", d - 1)),
            ],
        )

    def any_list(self, d: int) -> Node:
        if d <= 0:
            return ["v", self.pick(BY_TYPE["any list"])]
        return self.one(
            lambda: [
                "list",
                *(
                    self.of(self.pick(list(self.makers)), d - 1)
                    for _ in range(self.random.randrange(4))
                ),
            ],
            lambda: ["[]", ["v", "rows"], self.of("boolean", d - 1)],
            lambda: ["b", "get entries", self.of("context", d - 1)],
            lambda: [
                "b",
                "flatten",
                ["list", self.of("any list", d - 1), self.of("any list", d - 1)],
            ],
            lambda: ["b", self.pick(["distinct values", "reverse"]), self.of("any list", d - 1)],
            lambda: self.mapped(d, self.pick(list(self.makers))),
        )

    def context(self, d: int) -> Node:
        keys = ["sku", "qty", "bad", "a b"]
        if d <= 0:
            return ["ctx", ["qty", ["n", "1"]]]
        return self.one(
            lambda: self.literal_context(d, keys),
            lambda: [
                "b",
                "context put",
                self.of("context", d - 1),
                self.pick(keys),
                self.of(self.pick(list(self.makers)), d - 1),
            ],
            lambda: [
                "b",
                "context put",
                self.of("context", d - 1),
                ["list", self.pick(keys), "a"],
                self.of("number", d - 1),
            ],
            lambda: [
                "b",
                "context merge",
                ["list", self.of("context", d - 1), self.of("context", d - 1)],
            ],
            lambda: [
                "b",
                "context",
                [
                    "list",
                    ["ctx", ["key", self.of("text", d - 1)], ["value", self.of("number", d - 1)]],
                ],
            ],
            lambda: ["[]", ["v", "rows"], ["n", self.pick(["1", "2", "3", "4"])]],
        )

    def literal_context(self, d: int, keys: list[str]) -> Node:
        entries: list[Node] = []
        bound = len(self.locals)
        for key in self.random.sample(keys, self.random.randrange(len(keys))):
            kind = self.pick(list(self.makers))
            entries.append([key, self.of(kind, d - 1)])
            self.locals.append((key, kind))
        del self.locals[bound:]
        return ["ctx", *entries]

    def literal(self, kind: str) -> Node:
        text = self.pick(TIMES[kind])
        calls = {"date": "date", "time": "time", "date and time": "date and time"}
        if self.chance(0.3):
            return ["b", calls.get(kind, "duration"), text]
        return ["@", text]

    def date(self, d: int) -> Node:
        if d <= 0:
            return self.literal("date")
        return self.one(
            lambda: self.literal("date"),
            lambda: [
                self.pick("+-"),
                self.of("date", d - 1),
                self.of(self.pick(["days", "months"]), d - 1),
            ],
            lambda: ["b", "date", self.of("date and time", d - 1)],
            lambda: [
                "b",
                "date",
                ["n", "2024"],
                self.of("number", d - 1),
                ["n", self.pick(["1", "29", "31", "0"])],
            ],
            lambda: ["b", "today"],
        )

    def time(self, d: int) -> Node:
        if d <= 0:
            return self.literal("time")
        return self.one(
            lambda: self.literal("time"),
            lambda: [self.pick("+-"), self.of("time", d - 1), self.of("days", d - 1)],
            lambda: ["b", "time", self.of("date and time", d - 1)],
            lambda: [
                "b",
                "time",
                ["n", self.pick(["0", "23", "24"])],
                ["n", "59"],
                self.of("number", d - 1),
                self.of("days", d - 1),
            ],
        )

    def date_and_time(self, d: int) -> Node:
        if d <= 0:
            return self.literal("date and time")
        return self.one(
            lambda: self.literal("date and time"),
            lambda: [
                self.pick("+-"),
                self.of("date and time", d - 1),
                self.of(self.pick(["days", "months"]), d - 1),
            ],
            lambda: ["b", "date and time", self.of("date", d - 1), self.of("time", d - 1)],
            lambda: ["b", "now"],
        )

    def days(self, d: int) -> Node:
        if d <= 0:
            return self.literal("days")
        day = self.pick(["date", "date and time", "time"])
        return self.one(
            lambda: self.literal("days"),
            lambda: ["-", self.of(day, d - 1), self.of(day, d - 1)],
            lambda: [self.pick("+-"), self.of("days", d - 1), self.of("days", d - 1)],
            lambda: [self.pick("*/"), self.of("days", d - 1), self.of("number", d - 1)],
            lambda: ["b", "abs", self.of("days", d - 1)],
            lambda: [".", self.of("date and time", d - 1), "time offset"],
            lambda: ["neg", self.of("days", d - 1)],
        )

    def months(self, d: int) -> Node:
        if d <= 0:
            return self.literal("months")
        return self.one(
            lambda: self.literal("months"),
            lambda: [
                "b",
                "years and months duration",
                self.of("date", d - 1),
                self.of(self.pick(["date", "date and time"]), d - 1),
            ],
            lambda: [self.pick("+-"), self.of("months", d - 1), self.of("months", d - 1)],
            lambda: [self.pick("*/"), self.of("months", d - 1), self.of("number", d - 1)],
        )

    def range(self, d: int) -> Node:
        kind = self.pick(["number", "number", "number", "date", "text"])
        if self.chance(0.2):
            return ["side", self.pick(COMPARISONS), self.of(kind, d - 1)]
        if self.chance(0.1):
            return [
                "b",
                "range",
                self.pick(
                    ["[1..10)", '["a".."c"]', "[3..1]", '(@"2024-01-01"..date("2025-01-01")]', "x"]
                ),
            ]
        return [
            "range",
            self.chance(0.5),
            self.of(kind, d - 1),
            self.of(kind, d - 1),
            self.chance(0.5),
        ]

    def function(self, d: int) -> Node:
        name = self.local()
        kind = self.pick([None, None, "number", "string"])
        body = self.within(
            name,
            "number",
            lambda: self.of(self.pick(["number", "number", "boolean", "text"]), d - 1),
        )
        return ["func", [[name, kind]], body]
