"""Colours for the code in guides: a table of patterns per language, written as HTML spans."""

import re
from collections.abc import Mapping
from html import escape

PROMPT = "$ "
_STRING = r'"(?:\\.|[^"\\\n])*"'
_NUMBER = r"\b\d+(?:\.\d+)?\b"

# Per language, the names of spans and what they match; the first that matches wins.
_GRAMMARS: Mapping[str, Mapping[str, str]] = {
    "json": {"name": _STRING + r"(?=\s*:)", "string": _STRING, "constant": r"\b(?:true|false|null)\b|-?" + _NUMBER},
    "http": {"name": r"(?m)^[\w-]+(?=: )", "constant": r"(?m)^HTTP/.*$|^[A-Z]+(?= /)"},
    "python": {
        "comment": r"#[^\n]*",
        "string": r'""".*?"""|' + _STRING + r"|'(?:\\.|[^'\\\n])*'",
        "keyword": r"\b(?:class|def|return|import|from|as|if|else|for|in|is|not|and|or|None|True|False|with|lambda)\b",
        "constant": _NUMBER,
    },
    "sh": {"comment": r"(?m)(?:^|(?<=\s))#[^\n]*", "string": r"'[^']*'|" + _STRING},
}


def _compile(grammar: Mapping[str, str]) -> re.Pattern[str]:
    # Flags inside a pattern must stand in front, so they are taken out and set for all.
    patterns = (f"(?P<{name}>{pattern.replace('(?m)', '')})" for name, pattern in grammar.items())
    return re.compile("|".join(patterns), re.MULTILINE | re.DOTALL)


_PATTERNS = {language: _compile(grammar) for language, grammar in _GRAMMARS.items()}


def highlight(code: str, language: str) -> str:
    """Return code as HTML; a language without a grammar is only escaped."""
    if language == "console":
        return _console(code)
    return _spans(code, _PATTERNS[language]) if language in _PATTERNS else escape(code)


def _spans(code: str, pattern: re.Pattern[str]) -> str:
    """Put a span around each match and escape everything."""
    html, end = [], 0
    for match in pattern.finditer(code):
        html += [escape(code[end : match.start()]), f'<span class="{match.lastgroup}">{escape(match[0])}</span>']
        end = match.end()
    return "".join([*html, escape(code[end:])])


def is_unfinished(typed: str) -> bool:
    """Whether what was typed so far goes on in the next line: after a backslash, or inside of quotes."""
    return typed.endswith("\\\n") or typed.count("'") % 2 == 1


def _console(code: str) -> str:
    """Tell what is typed, after a prompt and as long as that is unfinished, from what is answered."""
    html, typed = [], ""
    for line in code.splitlines(keepends=True):
        if typed or line.startswith(PROMPT):
            html.append(_typed(line))
            typed = typed + line if is_unfinished(typed + line) else ""
        else:
            html.append(_spans(line, _PATTERNS["json"]))
    return "".join(html)


def _typed(line: str) -> str:
    """Write one typed line; the prompt is a span of its own, so that it is not copied."""
    prompt = f'<span class="prompt">{PROMPT}</span>' if line.startswith(PROMPT) else ""
    return prompt + f'<span class="typed">{_spans(line.removeprefix(PROMPT), _PATTERNS["sh"])}</span>'
