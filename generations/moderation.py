"""Hold a prompt against the word list of its team, as the team's policy says: do nothing, ask first, or refuse it."""

from __future__ import annotations

from generations.errors import InvalidInputs, ListedWord
from generations.listed_words import found_in, read_list
from generations.models import Team, WordsPolicy

REFUSED = "This prompt has the word “{word}”, which your team does not allow. Write it without that word."
ASKED = "This prompt has the word “{word}”, which your team asked to be careful with. Make it anyway?"
NOTED = "The prompt has the word “{word}”, which this team asked to be careful with."


def listed_word(team: Team, prompt: str) -> str:
    """Return the word of a prompt that is on the team's list; "" for none, or where the policy is to do nothing."""
    if team.words_policy == WordsPolicy.OFF or not team.listed_words:
        return ""
    try:
        return found_in(read_list(team.listed_words), prompt)
    except InvalidInputs:  # Nobody can save such a list; one that is there all the same must not stop the team.
        return ""


def refused_word(team: Team, prompt: str) -> str:
    """Return the word for which a prompt must not be used; "" for none."""
    return listed_word(team, prompt) if team.words_policy == WordsPolicy.REFUSE else ""


def check_prompt(team: Team, prompt: str, *, asks_first: bool = False) -> str:
    """Return what is to be noted of a prompt, "" for nothing; raises ListedWord for one that must not be made.

    With `asks_first` a word of which people are only warned is raised too, as a question.
    """
    word = listed_word(team, prompt)
    if not word:
        return ""
    if team.words_policy == WordsPolicy.REFUSE:
        raise ListedWord(REFUSED.format(word=word), may_agree=False)
    if asks_first:
        raise ListedWord(ASKED.format(word=word), may_agree=True)
    return NOTED.format(word=word)
