"""The people of the tests: what each may do is a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account; `password` is what they type to sign."""

    username: str
    english: str
    chinese: str
    roles: tuple[str, ...]

    @property
    def password(self) -> str:
        return f"{self.username}-Passw0rd"


ANN = Person("ann", "Ann Zhao", "赵安", ("WH",))
BEN = Person("ben", "Ben Li", "李本", ("IQC",))
BEA = Person("bea", "Bea Xu", "徐贝", ("IQC",))
CLEO = Person("cleo", "Cleo Sun", "孙可", ("QCL", "IQC"))
DORA = Person("dora", "Dora Wang", "王朵", ("QA",))
EVE = Person("eve", "Eve Chen", "陈毅", ("AUD",))
ADA = Person("ada", "Ada Liu", "刘达", ("ADM",))

EVERYONE = (ANN, BEN, BEA, CLEO, DORA, EVE, ADA)
