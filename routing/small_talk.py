"""Greetings, thanks, goodbyes and the wish for a person, recognised by what is left of a message.

A message is small talk when nothing but small talk and filler words is in it: `hi there!` is a
greeting, `hi, my deposit has not arrived` is not. The wish for a person counts also beside a
topic, because then a person is what was asked for.
"""

from __future__ import annotations

import re

from routing.decision import SmallTalk
from scenarios.terms import fold

_WISHES = (
    # Chinese
    r"转(接|到|给)?(一下)?(个)?(人工|真人|客服)(?!审)",
    r"^(人工)+(客服|服务|坐席)?(在吗|在不在|呢|啊|吧|谢谢)?$",
    r"(接|要|找|叫|(?<!不)用|有没有|呼叫)(个|位|一下)?人工(?![审资费])",
    r"(找|叫|要|换|给我来?|有没有|有)(一)?(个|位)?(你们)?(的)?(真人(?!荷官|娱乐|视讯|游戏|百家)|活人|真的人|人类|客服经理|主管|客服人员)",
    r"真人(客服|服务|接待|回复|来)",
    r"^真人[吧吗呢？]?$",
    r"活人",
    r"换(个|一个)?(真)?人(来|工|回|聊|接|跟|$)",
    r"(让|叫|派|安排)(个)?人(来(?!脸)|工(?!资))",
    r"(跟|和|与)(真?人|客服)(直接)?(说话|讲话|通话|聊|沟通|对话)(?!到|的|记录)",
    r"(别|不要|不想|不)(再)?(跟|和|用|要)?(这个)?(机器人|智能客服|自动回复)",
    r"^人呢",
    r"^来(个|一个)?人",
    # English
    r"\b(speak|talk|chat)\b.{0,12}\b(to|with)\b.{0,16}\b(human|person|people|agent|someone|somebody|representative|rep|operator|manager|supervisor|advisor|staff)\b",
    r"\b(connect|transfer|put|pass|switch)\s+me\b.{0,12}\b(to|with|through|over)\b.{0,24}\b(human|person|agent|someone|representative|rep|operator|manager|supervisor|advisors?|staff|support)\b",
    r"\b(real|actual|proper)\s+(person|human|human being)\b",
    r"\blive\s+(person|human|agent|rep|representative|operator)\b",
    r"\bhuman\s+(being|agent|rep|representative|operator|support)\b",
    r"\b(need|want|give me|get me|i'd like|can i (have|get|speak to|talk to))\s+(a |an |the |some )?(real |live )?(human|person|representative|operator|supervisor|manager)\b",
    r"\b(need|want|give me|get me)\s+(a |an )agent\b",
    r"\bcustomer (service|support) agent\b",
    r"^(human|agent|representative|operator|rep|person|live chat|customer service|customer support)( please| pls| plz| now)*$",
    r"\b(don't|dont|not|stop|no more|sick of|hate|enough of)\b.{0,12}\b(talking|talk|speaking|speak|chatting|chat|want|this|these|your|stupid)\b.{0,12}\b(bot|robot|machine|chatbot)s?\b",
    r"\bare you (a )?(human|real person)\b",
)
_ORDERS = (
    r"(请|帮我|给我|麻烦|快|马上|立刻|要求|我要|[,;!?]|。|^)\s*转(接|到)?(个)?(人工|真人)",
    r"我要(找)?(人工|真人)(?!审)",
    r"\bget me (a |an )?(human|person|agent|real person|manager)\b",
    r"\b(speak|talk) to (a |an )?(human|person|agent|manager|someone)\b",
)
"""Wishes so plain that a question beside them does not take them back."""
_KINDS: dict[SmallTalk, tuple[str, ...]] = {
    SmallTalk.THANKS: (
        r"(多谢|谢谢|蟹蟹|谢了|谢啦|感谢|谢|感恩|辛苦|麻烦)(你们|您|你|啦|了|哈)?",
        r"3q",
        r"帮(了)?大忙",
        r"\b(thanks|thank (you|u|ya)|thankyou|thx|thnx|thanx|tnx|ty|tysm|tyvm|cheers|much appreciated|appreciate (it|that|your help|the help|you)|appreciated|ta)\b",
    ),
    SmallTalk.GOODBYE: (
        r"(再见|拜拜|拜了|拜|回见|回头见|下次见|下次聊|先这样|就这样|就这些|先?走了?|下(线)?了|撤了|溜了|没(别的)?事了|没(有)?(其他|别的)?问题了|886?|晚安|不聊了|改天(再)?[聊说])",
        r"\b(good ?bye|bye( ?bye)?|byee+|cya|see (you|ya)|cu|later|laters|ttyl|take care|good ?night|farewell|catch you later|(i'm|im|am) (off|done)|gotta go|gtg|g2g|that('s| is|s)? (all|it)|that will be all|nothing else|have a (good|nice|great|lovely) (day|one|evening|weekend|night))\b",
    ),
    SmallTalk.GREETING: (
        r"(你们?好|您好|妳好|大家好|哈[喽啰罗囉]|哈哈?|嗨|嘿|喂|早上好|早安|上午好|中午好|下午好|晚上好|早|午安|在吗|在么|在不在|在嘛|在不|在|有人(在)?(吗|么|嘛|不)?|客服(在)?(吗|么|嘛)?)",
        r"\b(hi+|hiya|hey+|hello+|helo|hallo|heya|howdy|yo|sup|what'?s up|wassup|greetings|g'?day|good (morning|afternoon|evening|day)|morning|evening|afternoon|how are (you|u|ya)|how's it going|hows it going|how do you do|anyone (there|here|home|around|online)|any ?body (there|here|home|around|online)|are you (there|around)|you there|u there|is (anyone|anybody|someone) (there|here|around))\b",
    ),
}
_FILLER = re.compile(
    r"[啊呀哦喔噢嗯呢吧哈嘛么吗啦了的哟呐诶额亲~]|(非常|太|真的?|十分|很|好的?|行|可以|知道|明白|收到|解决|搞定|已经|就|先|那|都|这|我|你们?|您|客服|小姐姐|小哥|兄弟|亲爱的|搞定|滴|朋友|大家|帮助|帮忙|帮|耐心|解答|回复|解释|现在|一下|祝|生活愉快|愉快|有|没|问题|需要|其他)"
    r"|\b(there|all|everyone|guys|team|mate|folks|support|ok|okay|k|great|perfect|awesome|cool|nice|lovely|brilliant|so|very|much|a|lot|lots|many|million|bunch|again|for|your|the|you|u|help|helping|time|that|this|it|worked|works|sorted|really|now|today|and|i|im|i'm|to|was|were|is|of|then|just|well|good|got|have|one|day|kindly|assistance|support|from|me|my|friend|buddy|pal|sir|madam|patience|star|legend|that's|you're|brill|dear|oh|ah|yes|no|alright|right|fine|in|advance|later|soon|x+|lol|haha)\b",
    re.ASCII,
)
MAX_LENGTH = 500
"""Characters in which small talk and wishes are looked for."""
_NOT_CONTENT = re.compile(r"[^a-z\u3400-\u9fff]+")


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # re.ASCII: a Latin word ends where a Han character begins (`thx啦`), which \b denies otherwise.
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)


_WISH = _any(_WISHES)
_ORDER = _any(_ORDERS)
_KIND = {kind: _any(patterns) for kind, patterns in _KINDS.items()}


_ABOUT_HUMANS = re.compile(r"多久|几点|什么时候|材料|审核|how long|what (time|hours)|opening hours")
"""Questions about people, e.g. how long a manual review takes, ask for no person."""
_UNSETTLED = re.compile(
    r"(没|未|不|别)[^，。]{0,4}(解决|搞定|好|行|可以|明白|收到|知道)|\b(no|not|didn't|didnt|doesn't|doesnt|isn't|never|nothing)\b ?(?!problem|worries|more)"
)
"""`Thanks, but it is not solved` is no thanks."""


def wants_human(text: str) -> bool:
    """True when the message asks for a person."""
    folded = fold(text[:MAX_LENGTH]).strip(" \t\n.,!?。，！？~…")
    if _ORDER.search(folded):
        return True
    return _WISH.search(folded) is not None and _ABOUT_HUMANS.search(folded) is None


def small_talk_kind(text: str) -> SmallTalk | None:
    """The kind of small talk a message consists of, or None when there is anything else in it."""
    if len(text) > MAX_LENGTH:
        return None
    folded = fold(text)
    rest, found = folded, []
    for kind, pattern in _KIND.items():
        replaced = pattern.sub(" ", rest)
        if replaced != rest:
            found.append(kind)
        rest = replaced
    if not found or _UNSETTLED.search(rest):
        return None
    return None if _NOT_CONTENT.sub("", _FILLER.sub(" ", rest)) else found[0]
