"""The words by which documents say what a part is: headers, labels, step keywords, relations."""

import re
import unicodedata

from scenarios.catalogue import Audience, ReasonCategory, Requirement, SlotType, StepType

LABELS: dict[str, tuple[str, ...]] = {
    "description": (
        *(
            "描述",
            "说明",
            "子类描述",
            "子类说明",
            "场景描述",
            "场景说明",
            "问题描述",
            "定义",
            "简介",
        ),
        *("概述", "description", "summary", "overview", "definition"),
    ),
    "scope": ("适用范围", "适用场景", "范围", "scope", "applies to"),
    "examples": (
        *("用户常见问法", "常见问法", "用户问法", "典型问法", "问法示例", "示例问法", "示例问题"),
        *(
            "样例问题",
            "常见问题",
            "用户常见问题",
            "常见提问",
            "用户提问",
            "用户问题",
            "示例",
            "问法",
        ),
        *("faq", "faqs", "faq samples", "sample questions", "sample question", "example questions"),
        *("examples", "common questions", "typical questions", "customer questions", "utterances"),
        *("questions", "question", "标准问题", "标准问法", "相似问法", "问题", "提问", "query"),
    ),
    "steps": (
        *("步骤", "处理步骤", "处理流程", "操作步骤", "操作流程", "流程步骤", "流程", "解决步骤"),
        *("服务流程", "标准流程", "sop", "steps", "procedure", "process", "workflow"),
        *("handling steps", "resolution steps", "processing steps", "sop steps"),
    ),
    "related": (
        *("关联子类", "关联子类别", "关联场景", "相关子类", "相关子类别", "相关场景", "关联"),
        *("related", "related scenarios", "related subcategories", "related topics", "see also"),
        *("related scenario", "related subcategory"),
    ),
    "prohibitions": (
        *("禁止事项", "禁止", "禁止行为", "禁忌", "禁止话术"),
        *("prohibitions", "prohibited", "prohibition", "forbidden", "do not", "don'ts"),
    ),
    "escalation": (
        *("升级处理", "升级", "升级条件", "升级规则", "转人工", "转人工条件"),
        *("escalation", "escalations", "escalate", "hand-off", "handoff", "hand off"),
    ),
    "slots": (
        *("需要收集的信息", "需收集的信息", "需收集信息", "收集信息", "所需信息", "必填信息"),
        *("information to collect", "required information", "information needed", "slots"),
    ),
    "training": ("训练问法", "训练短语", "更多问法", "training phrases", "training phrase"),
    "negative": ("反例", "不属于本类的问法", "negative examples", "not here"),
}
"""Section of a detail text -> the labels (or headings) that open it."""

HEADERS: dict[str, tuple[str, ...]] = {
    "category": (
        *("类别", "分类", "大类", "一级分类", "一级类别", "类目", "主类", "主类别", "所属类别"),
        *("业务类别", "category", "main category", "top category", "category name"),
    ),
    "subcategory": (
        *("子类", "子类别", "子分类", "小类", "二级分类", "二级类别", "场景", "场景名称", "意图"),
        *(
            "子类名称",
            "子类目",
            "subcategory",
            "sub-category",
            "sub category",
            "scenario",
            "intent",
        ),
        *("scenario name", "subcategory name"),
    ),
    "detail": (
        *LABELS["description"],
        *(
            "详细说明",
            "详情",
            "说明",
            "内容",
            "详细内容",
            "具体说明",
            "描述",
            "备注说明",
            "子类描述",
        ),
        *("details", "detail", "description", "content", "explanation"),
    ),
    **{
        section: tuple(word for word in LABELS[section])
        for section in (
            *("examples", "training", "steps", "related", "prohibitions", "escalation", "slots"),
        )
    },
}
"""Column of a table -> the words that head it."""

SLOT_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("字段", "字段名", "编号", "field", "slot", "id"),
    "name": ("名称", "名字", "name", "label"),
    "question": ("提问", "问题", "问法", "question", "prompt", "ask"),
    "type": ("类型", "type"),
    "required": ("必填", "必需", "是否必填", "required", "mandatory"),
    "sensitive": ("敏感", "是否敏感", "sensitive"),
}

STEP_TYPES: dict[str, StepType] = {
    "收集": StepType.COLLECT,
    "说明": StepType.INSTRUCTION,
    "判断": StepType.CONDITION,
    "操作": StepType.ACTION,
    "转人工": StepType.HANDOFF,
    "结束": StepType.END,
    "collect": StepType.COLLECT,
    "explain": StepType.INSTRUCTION,
    "check": StepType.CONDITION,
    "action": StepType.ACTION,
    "hand off": StepType.HANDOFF,
    "hand-off": StepType.HANDOFF,
    "handoff": StepType.HANDOFF,
    "close": StepType.END,
}
REQUIREMENTS: dict[str, Requirement] = {
    "必须": Requirement.MUST,
    "建议": Requirement.SHOULD,
    "可选": Requirement.MAY,
    "must": Requirement.MUST,
    "should": Requirement.SHOULD,
    "may": Requirement.MAY,
    "optional": Requirement.MAY,
}
AUDIENCES: dict[str, Audience] = {"内部": Audience.AGENT, "internal": Audience.AGENT}
SLOT_TYPES: dict[str, SlotType] = {
    **{kind.value: kind for kind in SlotType},
    "文本": SlotType.TEXT,
    "数字": SlotType.NUMBER,
    "日期": SlotType.DATE,
    "选项": SlotType.CHOICE,
    "选择": SlotType.CHOICE,
    "单号": SlotType.IDENTIFIER,
    "标识": SlotType.IDENTIFIER,
}
RELATIONS: dict[str, str] = {
    word: relation
    for relation, words in {
        "similar": ("相似", "类似", "similar"),
        "next": ("下一步", "后续", "next"),
        "parent": ("上级", "父级", "parent"),
    }.items()
    for word in words
}
NO = ("否", "不", "no", "n", "false", "0", "选填", "可选", "optional")
REASON = re.compile(r"\b(" + "|".join(reason.value for reason in ReasonCategory) + r")\b")


def fold(text: str) -> str:
    """A text for comparison: width, case and runs of whitespace do not count.

    >>> fold(" ＦＡＱ  samples ")
    'faq samples'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_LABEL_OF = {fold(word): section for section, words in LABELS.items() for word in words}
_HEADER_OF = {fold(word): role for role, words in reversed(HEADERS.items()) for word in words}
_SLOT_COLUMN_OF = {fold(word): column for column, words in SLOT_COLUMNS.items() for word in words}
_DECORATION = " \t【】[]〖〗*#_:：「」<>《》"
_NOTE = re.compile(r"\s*[（(][^（()）]*[)）]\s*$")

_LABELLED = re.compile(r"^\s*[【\[*]*\s*(?P<label>[^:：]{1,40}?)\s*[】\]*]*\s*[:：]\s*\**")
_BRACKETED = re.compile(r"^\s*【\s*(?P<label>[^】]{1,40}?)\s*】\s*[:：]?\s*")


def label_of(text: str) -> str | None:
    """The section a whole line opens, when it is nothing but a label (colon optional).

    >>> label_of("【用户常见问法】"), label_of("Steps:"), label_of("Hello")
    ('examples', 'steps', None)
    """
    return _known(text, _LABEL_OF) or _known(clean_name(text), _LABEL_OF)


def labelled(text: str) -> tuple[str, str] | None:
    """Section and the rest of a line that begins with a label and a colon (or a 【label】).

    >>> labelled("描述：提现到哪一步了"), labelled("10:30 to 12:00")
    (('description', '提现到哪一步了'), None)
    """
    for shape in (_BRACKETED, _LABELLED):
        match = shape.match(text)
        section = label_of(match["label"]) if match else None
        if match and section:
            return section, text[match.end() :].strip()
    return None


def header_of(text: str) -> str | None:
    """The column a header cell names, or None."""
    return _known(text, _HEADER_OF)


_SPREAD = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_TWICE = re.compile(
    r"\s*[/／|()（）\n]\s*|(?<=[\u4e00-\u9fff])\s*(?=[a-z])|(?<=[a-z])\s*(?=[\u4e00-\u9fff])"
)


def _known(text: str, table: dict[str, str]) -> str | None:
    """What a word means by a table: also spread (`类 别`), noted (`步骤（必填）`), or said twice.

    `类别 / Category` counts when all its parts mean the same.
    """
    bare = _SPREAD.sub("", fold(text)).strip(_DECORATION)
    if found := table.get(bare) or table.get(_NOTE.sub("", bare).strip(_DECORATION)):
        return found
    meanings = {table.get(part.strip(_DECORATION)) for part in _TWICE.split(bare) if part}
    return meanings.pop() if len(meanings) == 1 else None


def slot_column_of(text: str) -> str | None:
    """The column of a table of slots that a header cell names, or None."""
    return _SLOT_COLUMN_OF.get(fold(text).strip(_DECORATION))


_CHINESE_NUMBER = "一二三四五六七八九十百零"
# A digit before a measure word counts something ("1 元红包"): it is part of the name.
_MEASURE = r"(?![年月日元天次折倍个小时分钟秒%％]|小时|分钟|usdt\b)"
_NAME_NUMBER = re.compile(
    rf"""^\s*(?:
        第\s*[{_CHINESE_NUMBER}\d]+\s*(?:章|节|类|部分|条)[、.．:：\s]*
      | [（(]\s*[{_CHINESE_NUMBER}\d]{{1,4}}\s*[)）]\s*
      | [{_CHINESE_NUMBER}]{{1,4}}\s*[、.．:：]\s*
      | \d{{1,3}}(?:[.．]\d{{1,3}})*\s*(?:[、)）]|[.．:：](?!\d))\s*
      | \d{{1,3}}(?:[.．]\d{{1,3}})+(?=[^\d\s.])
      | \d{{1,3}}(?:[.．]\d{{1,3}})*\s+{_MEASURE}
      | [①-⑳]\s*
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_NAME_END = re.compile(r"\s+(?:flow|流程)\s*$", re.IGNORECASE)


def clean_name(text: str) -> str:
    """A name without its number and without a `Flow` / `流程` that is set off by a space.

    >>> clean_name("1 提现状态查询 Flow"), clean_name("4、提现流程"), clean_name("24小时客服")
    ('提现状态查询', '提现流程', '24小时客服')
    """
    name = " ".join(text.split())
    cleaned = _NAME_END.sub("", _NAME_NUMBER.sub("", name, count=1)).strip()
    return cleaned or name
