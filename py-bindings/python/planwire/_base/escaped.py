"""Text from outside, escaped so that it cannot forge lines, move the cursor or reorder."""

# Letters by their category that show nothing.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")


def escaped(text: str, longest: int | None = None, keep: str = "") -> str:
    r"""Return text with all but plain characters escaped, and cut if it is long.

    Letters of any script stay readable. Controls, marks that reorder, separators, quotes,
    backslashes and surrogates of undecodable bytes are escaped, but none of those in `keep`.

    Example:
        >>> from planwire._base.escaped import escaped
        >>> print(escaped("größe\n\u202e"))
        größe\u{a}\u{202e}
    """
    shown = "".join(
        character if character in keep or _is_plain(character) else f"\\u{{{ord(character):x}}}"
        for character in text[:longest]
    )
    return shown if longest is None or len(text) <= longest else f"{shown}…"


def _is_plain(character: str) -> bool:
    if character.isascii():
        return " " <= character <= "~" and character not in "'\\"
    return character.isalnum() and character not in _BLANK
