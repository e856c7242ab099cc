"""What no card tells of its set's files, by card."""

from miniatures.picture_places import PICTURES
from miniatures.texts import TEXTS
from miniatures.truth import Places
from miniatures.volume_places import VOLUMES

PLACES: dict[str, Places] = {**PICTURES, **TEXTS, **VOLUMES}
