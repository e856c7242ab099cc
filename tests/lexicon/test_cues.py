"""Every phrasing of every kind, level, task and language has the three cues, and a question without one is found."""

import pytest

from gmai.lexicon import find_missing_cues, name_of, question_kinds, read_lexicon, task_phrasings

LEVELS = [(kind, "image") for kind in [*question_kinds(), "eye_side"]]
LEVELS += [("finding", level) for level in ("box", "mask", "contour")]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("kind", "level"), LEVELS)
def test_every_phrasing_names_modality_task_and_level(kind, level, language):
    for task in read_lexicon().tasks:
        for text in task_phrasings(kind, level, task, language):
            filled = text.format(modality=name_of("CT", language, "modality"), label="x")
            cues = {"kind": kind, "task": task, "granularity": level, "modality": "CT", "language": language}
            assert find_missing_cues(filled, **cues) == (), (filled, task)


def test_a_question_that_lacks_a_cue_is_found():
    asked = {"kind": "finding", "task": "Disease Diagnosis", "granularity": "box", "modality": "CT"}
    assert find_missing_cues("Which finding is inside the box of this CT image?", **asked) == ()
    assert find_missing_cues("Which finding is inside the box of this image?", **asked) == ("modality",)
    assert find_missing_cues("What is inside the box of this CT image?", **asked) == ("task",)
    assert find_missing_cues("Which finding does this CT image show?", **asked) == ("granularity",)
    assert find_missing_cues("Which finding lies in the outlined box of this CT image?", **asked) == ("granularity",)
    modality = {"kind": "modality", "task": "Attribute Recognition", "granularity": "image", "modality": "CT"}
    assert find_missing_cues("Which modality is this CT image?", **modality) == ("modality",)


def test_an_organ_is_not_asked_for_as_a_finding():
    texts = task_phrasings("finding", "mask", "Organ Recognition - Abdomen")
    assert all("abdominal organ" in text and "finding" not in text for text in texts)
    assert all("腹部器官" in text for text in task_phrasings("finding", "mask", "Organ Recognition - Abdomen", "zh"))
