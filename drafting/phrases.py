"""The few fixed sentences customers read, in Chinese and English. All else comes from the SOPs."""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "noted": {
        "zh": "已记下您的{name}，它会随这段对话保留，人工客服可以看到。",
        "en": "Your {name} is noted and stays with this conversation, where a human agent can see it.",
    },
    "ready": {
        "zh": "转人工时请附上：{names}。",
        "en": "Please include: {names}.",
    },
    "no_text": {
        "zh": "关于「{scenario}」，目前没有可以引用的说明。需要人工客服请回复「转人工」。",
        "en": 'There is no written guidance on "{scenario}" to quote yet. Reply "agent" to reach a human.',
    },
    "greeting": {
        "zh": "您好！请直接描述您遇到的问题，例如{topics}方面的问题。",
        "en": "Hello! Please describe what you need help with, for example {topics}.",
    },
    "thanks": {
        "zh": "不客气！如果还有其他问题，请直接告诉我。",
        "en": "You're welcome! If there is anything else, just write it here.",
    },
    "goodbye": {"zh": "再见，祝您一切顺利！", "en": "Goodbye, and all the best!"},
    "clarify": {
        "zh": "为了准确回答，请问您想咨询的是哪一项？请回复序号：",
        "en": "To give you the right answer: which of these is it about? Please reply with the number:",
    },
    "unclear": {
        "zh": "请再具体说说遇到了什么问题：涉及哪项业务（例如{topics}）、发生了什么、页面显示了什么。如果需要人工客服，请回复「转人工」。",
        "en": "Please say a little more: what is it about (for example {topics}), what happened, and what "
        'does the page show? To reach a human, reply "agent".',
    },
    "fallback": {
        "zh": "这个问题不在我能解答的范围内。我可以协助的内容包括：{topics}。如果需要人工客服，请回复「转人工」。",
        "en": "That is outside what I can help with here. I can help with: {topics}. "
        'To reach a human, reply "agent".',
    },
    "handed_off": {
        "zh": "这段对话已进入人工客服的待处理列表，客服能看到以上全部内容。您可以在这里继续补充情况。",
        "en": "This conversation is now in the queue for our human agents, who can see all of it. "
        "You can add anything else here.",
    },
}


def phrase(key: str, language: str, **values: str) -> str:
    """The sentence `key` in `language` (English when there is none), its places filled in."""
    texts = PHRASES[key]
    return texts.get(language, texts["en"]).format(**values)
