"""What FeelSyntaxError says: in English and Chinese, and always what to do."""

from lark.exceptions import UnexpectedToken

from forms.feel.errors import FeelSyntaxError, Text

EMPTY: Text = {
    "en": "there is no expression; write one, or null for no value",
    "zh": "没有表达式；请填写表达式，或用 null 表示没有值",
}
TOO_LONG: Text = {
    "en": "the expression is too long; split it into several values",
    "zh": "表达式过长；请拆分成几个值",
}
TOO_DEEP: Text = {
    "en": "the expression is nested too deeply; split it into several values",
    "zh": "表达式嵌套过深；请拆分成几个值",
}
NUMBER_RANGE: Text = {
    "en": "this number is too large; FEEL numbers lie below 10^6145",
    "zh": "数字过大；FEEL 的数字必须小于 10^6145",
}
TOO_SHORT: Text = {
    "en": "the expression ends too early; complete it or take out what is open",
    "zh": "表达式不完整；请补全，或删除未结束的部分",
}


def unknown_type(name: str) -> Text:
    return {
        "en": f"there is no type {name}; write a FEEL type such as number, string or list<date>",
        "zh": f"没有类型 {name}；请使用 FEEL 类型，例如 number、string 或 list<date>",
    }


EXTERNAL: Text = {
    "en": "external functions are not run here; write the function in FEEL or as a service task",
    "zh": "此处不执行外部函数；请用 FEEL 编写该函数，或改用服务任务",
}
OPEN_TEXT: Text = {
    "en": 'a text begins here and does not end; close it with "',
    "zh": '文本从此处开始但没有结束；请用英文双引号 " 结束',
}
HALF_CHARACTER: Text = {
    "en": "this text holds half a character; write \\uD83D\\uDE9A as a pair, or \\U01F69A",
    "zh": "文本中有不完整的字符；请成对书写 \\uD83D\\uDE9A，或写成 \\U01F69A",
}
_STRANGERS: dict[str, Text] = {
    "'": {"en": 'write texts in double quotes: "…"', "zh": '文本请用英文双引号："…"'},
    "&": {"en": "write the word and instead of &", "zh": "请用单词 and 代替 &"},
    "|": {"en": "write the word or instead of |", "zh": "请用单词 or 代替 |"},
    "!": {"en": "write not(…) instead of !", "zh": "请用 not(…) 代替 !"},
    "%": {"en": "write modulo(a, b) instead of a % b", "zh": "请用 modulo(a, b) 代替 a % b"},
    "“": {"en": 'write texts in straight double quotes: "…"', "zh": '文本请用英文双引号："…"'},
    "”": {"en": 'write texts in straight double quotes: "…"', "zh": '文本请用英文双引号："…"'},
    "，": {"en": "write the comma , of the Latin keyboard", "zh": "请用英文逗号 ,"},
    "（": {"en": "write the brackets ( ) of the Latin keyboard", "zh": "请用英文括号 ( )"},
    "）": {"en": "write the brackets ( ) of the Latin keyboard", "zh": "请用英文括号 ( )"},
    "：": {"en": "write the colon : of the Latin keyboard", "zh": "请用英文冒号 :"},
    "^": {"en": "write a ** b for a power", "zh": "乘方请写成 a ** b"},
    "≤": {"en": "write <= for ≤", "zh": "≤ 请写成 <="},
    "≥": {"en": "write >= for ≥", "zh": "≥ 请写成 >="},
    "≠": {"en": "write != for ≠", "zh": "≠ 请写成 !="},
}


def stranger(text: str, position: int) -> Text:
    character = text[position]
    return _STRANGERS.get(
        character,
        {
            "en": f"the character {character} has no meaning in FEEL; take it out",
            "zh": f"字符 {character} 在 FEEL 中没有意义；请删除",
        },
    )


def syntax_error(unexpected: UnexpectedToken, text: str) -> FeelSyntaxError:
    token = unexpected.token
    if token.type == "$END":
        return FeelSyntaxError(len(text), TOO_SHORT, text)
    position = token.start_pos or 0
    before = text[:position].rstrip()
    if token.type == "COMPARE" and str(token) == "=" and before.endswith("="):
        return FeelSyntaxError(
            position,
            {"en": "write a single = to compare", "zh": "比较相等请只写一个 ="},
            text,
        )
    if token.type in ("NAME", "KEY", "NUMBER") and before[-1:].isalnum():
        return FeelSyntaxError(
            position,
            {
                "en": f"an operator is missing before {token}; or a name with spaces is not known "
                "here: check its spelling",
                "zh": f"{token} 之前缺少运算符；或者带空格的名称在此处未知，请检查拼写",
            },
            text,
        )
    return FeelSyntaxError(
        position,
        {
            "en": f"{token} cannot stand here; check what is before it",
            "zh": f"此处不能出现 {token}；请检查其前面的内容",
        },
        text,
    )
