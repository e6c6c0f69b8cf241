"""What people do with finished pictures: mark, tag, collect and note them, throw them away and take them back.

Every verb takes public ids, at most 1,000 of them, and does the whole selection at once. What the member may not change is
left out in silence: a selection can hold pictures of several people.
"""

from generations.keeping.collections import add, delete, make, remove, rename
from generations.keeping.favourites import favour, unfavour, with_favourites
from generations.keeping.notes import note
from generations.keeping.purge import clear_files, empty, purge, purge_old
from generations.keeping.selection import MOST_SELECTED
from generations.keeping.tags import MOST_TAGS, Tagged, tag, untag
from generations.keeping.trash import KEPT_DAYS, DiskUse, Trashed, days_left, disk_use, restore, trash, undo
from generations.keeping.visibility import Shown, set_collection_private, set_private

__all__ = [
    "KEPT_DAYS",
    "MOST_SELECTED",
    "MOST_TAGS",
    "DiskUse",
    "Shown",
    "Tagged",
    "Trashed",
    "add",
    "clear_files",
    "days_left",
    "delete",
    "disk_use",
    "empty",
    "favour",
    "make",
    "note",
    "purge",
    "purge_old",
    "remove",
    "rename",
    "restore",
    "set_collection_private",
    "set_private",
    "tag",
    "trash",
    "undo",
    "unfavour",
    "untag",
    "with_favourites",
]
