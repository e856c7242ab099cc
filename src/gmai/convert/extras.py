"""What ``also`` adds about the clean picture: boxes in coordinates, numbers that were measured, reports as written."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from gmai.annotations import region_box
from gmai.base import PixelBox, write_boxes
from gmai.convert.config import Subset
from gmai.convert.percept import answer, put_choice
from gmai.convert.rulebook import read_rules
from gmai.convert.scene import Draft, Scene
from gmai.convert.templates import Places, Written, draw, fill, places
from gmai.lexicon import NONE
from gmai.types import Box, Conversation, Fact, MaskRef, Measurement, Polygon, Report, Sample

MOST_BOXES = 10
"""Of more regions of one label nobody asks for all the boxes."""
_LOCATED = "location"


def make_extras(scene: Scene) -> Iterator[Draft]:
    """Make what the config asks for beside the questions that a benchmark asks too."""
    if scene.view.regions or len(scene.sample.images) != 1:
        return
    for name, find in FINDERS.items():
        if name not in scene.config.also:
            continue
        facts = [fact for fact in find(scene) if not scene.config.kinds or fact.kind in scene.config.kinds]
        for number, fact in enumerate(scene.chosen(facts)):
            yield from MAKERS[fact.kind](scene, fact, f"{fact.kind}-{number}")


def find_boxes(scene: Scene) -> Iterator[Fact]:
    """Where the regions of each label are, and what each region is that no other label shares its place with."""
    sample = scene.sample
    image = sample.images[0]
    tellable = {fact.view.regions[0]: fact for fact in scene.found if fact.view.granularity == "box"}
    by_label: dict[str, list[int]] = {}
    for position, item in enumerate(sample.annotations):
        if isinstance(item, Box | Polygon | MaskRef):
            by_label.setdefault(item.label, []).append(position)
    for label, positions in by_label.items():
        if len(positions) > MOST_BOXES or not all(position in tellable for position in positions):
            continue
        boxes = [_pixels(sample, position, image.height, image.width) for position in positions]
        records = tuple(record for position in positions for record in tellable[position].records)
        task = sample.tasks.get(_LOCATED) or "Attribute Recognition"
        values = {"boxes": [list(box) for box in boxes]}
        yield Fact(kind="box", answer=write_boxes(boxes), task=task, records=records, about=label, values=values)
    for position, fact in tellable.items():
        box = _pixels(sample, position, image.height, image.width)
        mark, values = write_boxes([box]), {"boxes": [list(box)]}
        yield Fact(
            kind="region",
            answer=fact.answer,
            task=fact.task,
            records=fact.records,
            about=mark,
            pool=fact.pool,
            values=values,
        )


def find_measurements(scene: Scene) -> Iterator[Fact]:
    """Longest diameters in millimetres, and the numbers that the source gives."""
    for fact in scene.found:
        if fact.kind == "size" and "mm" in fact.values:
            said = f"{fact.values['mm']:g} mm"
            yield Fact(
                kind="diameter",
                answer=said,
                task=fact.task,
                records=fact.records,
                about=fact.about,
                values=fact.values,
            )
    for item in scene.sample.annotations:
        if isinstance(item, Measurement) and math.isfinite(item.value):
            unit = f" {item.unit}" if item.unit else ""
            yield Fact(
                kind="measurement",
                answer=f"{item.value:.10g}{unit}",
                task=scene.sample.tasks.get("measurement", NONE),
                records=(item.record,),
                about=item.name,
                values={"value": item.value},
            )


def find_reports(scene: Scene) -> Iterator[Fact]:
    """What somebody wrote about the picture, in the language it is written in; once."""
    if scene.tongue.language != scene.sample.language:
        return
    task = scene.sample.tasks.get("report", NONE)
    for item in scene.sample.annotations:
        if isinstance(item, Report) and item.text.strip():
            yield Fact(kind="report", answer=item.text.strip(), task=task, records=(item.record,), about=item.section)


FINDERS: Mapping[str, Callable[[Scene], Iterator[Fact]]] = {
    "boxes": find_boxes,
    "measurements": find_measurements,
    "reports": find_reports,
}
"""Extras by the name they are asked for with."""


def _make_box(scene: Scene, fact: Fact, name: str) -> Iterator[Draft]:
    group = "locate" if len(fact.values["boxes"]) == 1 else "locate_many"
    yield _drafted(scene, fact, "percept", name, group, {"box": fact.answer})


def _make_region(scene: Scene, fact: Fact, name: str) -> Iterator[Draft]:
    def write(form: str, made: str) -> Conversation | None:
        asked = _asked(scene, fact, "region", {"box": fact.about})
        if form == "choice":
            return put_choice(scene, fact, made, asked)
        return scene.conversation(made, "percept", [asked, answer(scene, fact)], [fact])

    for form in scene.config.forms:
        yield scene.draft("percept", f"{name}.{form}", partial(write, form))


def _make_value(scene: Scene, fact: Fact, name: str) -> Iterator[Draft]:
    yield _drafted(scene, fact, "percept", name, fact.kind, {"value": fact.answer})


def _make_report(scene: Scene, fact: Fact, name: str) -> Iterator[Draft]:
    sections: dict[str, str] = scene.tongue.words["sections"]
    section = sections.get(fact.about.casefold(), fact.about or sections["report"])
    yield _drafted(scene, fact, "instruct", name, "report", {"section": section, "text": fact.answer})


MAKERS: Mapping[str, Callable[[Scene, Fact, str], Iterator[Draft]]] = {
    "box": _make_box,
    "region": _make_region,
    "diameter": _make_value,
    "measurement": _make_value,
    "report": _make_report,
}


def _drafted(scene: Scene, fact: Fact, subset: Subset, name: str, group: str, values: Mapping[str, str]) -> Draft:
    def write(made: str) -> Conversation:
        replies = read_rules("extras", scene.tongue.language)[group]["answers"]
        drawn = draw(replies, f"{group}.answer", scene.config.phrasings, *scene.seed(group, "answer", fact.about))
        said = fill(drawn, _places(scene, fact, values)) if "text" not in values else _quoted(values["text"])
        return scene.conversation(made, subset, [_asked(scene, fact, group, values), said], [fact])

    return scene.draft(subset, name, write)


def _quoted(text: str) -> Written:
    return Written(text=text, template="report.answer.0", literal=text)


def _asked(scene: Scene, fact: Fact, group: str, values: Mapping[str, str]) -> Written:
    wordings = read_rules("extras", scene.tongue.language)[group]["questions"]
    drawn = draw(wordings, f"{group}.question", scene.config.phrasings, *scene.seed(group, fact.about))
    return fill(drawn, _places(scene, fact, values))


def _places(scene: Scene, fact: Fact, values: Mapping[str, str]) -> Places:
    found = places(fact, scene.tongue, scene.modality)
    found.update(values)
    return found


def _pixels(sample: Sample, position: int, height: int, width: int) -> PixelBox:
    """The whole pixels that a region touches."""
    region = sample.annotations[position]
    assert isinstance(region, Box | Polygon | MaskRef)
    x0, y0, x1, y1 = region_box(region, height, width)
    left, top = max(0, math.floor(x0)), max(0, math.floor(y0))
    return left, top, min(width, math.ceil(x1)), min(height, math.ceil(y1))
