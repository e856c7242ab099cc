"""Cards drafted for folders nobody described: runnable as they stand, sure of nothing that is not written somewhere."""

import json
import time
from itertools import product

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image, ImageDraw

import make
import make_media
from gmai.annotations import Match
from gmai.base import JobConfig
from gmai.cli import main
from gmai.errors import CardError, ConfigError
from gmai.sources import (
    CardFilter,
    IngestConfig,
    InitConfig,
    card_table,
    check_source,
    describe_card,
    ingest,
    init_source,
    label_advice,
    read_card,
    select_cards,
)
from gmai.sources.drafts.documents import find_licences
from gmai.sources.drafts.draft import draft_card
from gmai.sources.drafts.fields import label_notes
from gmai.sources.drafts.globs import cover
from gmai.sources.drafts.guess import Words, guess_department, guess_modality
from gmai.sources.drafts.subjects import SPLITS, find_column, guess_split, guess_subject
from gmai.sources.drafts.survey import survey_folder
from gmai.sources.drafts.trial import try_match


def draft(root, **options):
    return init_source(InitConfig(folder=root, **options)).drafts[0]


def written(root, path, **options):
    path.write_text(draft(root, **options).text, encoding="utf-8")
    return read_card(path)


def units(card, root, out):
    ingest(IngestConfig(card=str(card), root=root, out=out, job=JobConfig(workers=0)))
    found = json.loads((out / "stats.json").read_text())["units"]
    return {unit: (counts["accepted"], counts["rejected"]) for unit, counts in found.items()}


def voc_set(root):
    for number in range(6):
        make.picture(root / f"JPEGImages/patient{number % 3}_{number}.png")
        make.voc(root / f"Annotations/patient{number % 3}_{number}.xml", f"patient{number % 3}_{number}.png", [
            ("RBC", 1, 2, 9, 8), ("Platelet cels", 3, 3, 12, 12),
        ])  # fmt: skip
    make.text(root / "README.md", "# Blood smears of our clinic\n\nLight microscopy. Licence: CC BY-NC 4.0\n")
    return root


def test_a_draft_is_read_as_it_stands_and_says_what_it_rests_on(tmp_path):
    root = voc_set(tmp_path / "smears")
    found = init_source(InitConfig(folder=root))
    card = written(root, tmp_path / "card.yaml")
    assert (card.name, card.title, card.format) == ("smears", "Blood smears of our clinic", "voc")
    assert (card.licence, card.commercial, card.redistribution) == ("CC-BY-NC-4.0", False, True)
    assert (card.modality, card.department) == ("Microscopy", "Hematology")
    assert card.labels["RBC"].name == "red blood cell" and card.labels["Platelet cels"].name == "Platelet cels"
    assert card.expected == {"image": 6, "annotation": 12}
    assert "modality" in card.unverified and card.home == "unknown"
    text = found.drafts[0].text
    assert "# unsure: near: platelet" in text and "6 .png" in text and "# also readable as plain" in text
    assert any(each.startswith("modality: guessed") for each in found.drafts[0].unsure)
    assert check_source(card, root).agrees
    assert units(tmp_path / "card.yaml", root, tmp_path / "raw") == {"image": (6, 0), "annotation": (12, 0)}


def test_pictures_of_one_patient_are_put_together(tmp_path):
    card = written(voc_set(tmp_path / "smears"), tmp_path / "card.yaml")
    assert card.subject.pattern and "3 groups of 6" in (tmp_path / "card.yaml").read_text()
    ingest(IngestConfig(card=str(tmp_path / "card.yaml"), root=tmp_path / "smears", out=tmp_path / "raw"))
    from gmai.corpus import iter_records

    assert sorted({sample.subject for sample in iter_records(tmp_path / "raw")}) == ["patient0", "patient1", "patient2"]


def test_folders_named_after_people_are_questioned(tmp_path):
    for name, seed in product(("Smith_John", "Doe_Jane"), range(3)):
        make.picture(tmp_path / "f" / name / f"{seed}.png")
    unsure = draft(tmp_path / "f").unsure
    assert any("where they name people or cases, write `format: plain`" in each for each in unsure), unsure
    for name, seed in product(("normal", "pneumonia"), range(3)):
        make.picture(tmp_path / "g" / name / f"{seed}.png")
    assert not any("name people" in each for each in draft(tmp_path / "g").unsure)


def test_headers_are_sure_and_identifiers_stay_in_them(tmp_path):
    rng = np.random.default_rng(0)
    for name, code in (("first", "CT"), ("second", "MR")):
        volume = rng.integers(-900, 900, (4, 16, 16)).astype(np.int16)
        make.series(tmp_path / "f" / name, volume, Modality=code, SeriesInstanceUID=f"1.2.{len(name)}")
    make.text(tmp_path / "f/notes_Doe^Jane_19700101.csv", "a,b\n1,2\n")
    found = init_source(InitConfig(folder=tmp_path / "f"))
    card = written(tmp_path / "f", tmp_path / "card.yaml")
    assert (card.format, card.annotations) == ("dicom_series", "none")
    assert card.modality in {"CT", "MRI"} and card.modalities == {"CT": "CT", "MR": "MRI"}
    assert "modality" not in card.unverified
    said = found.drafts[0].text + "\n".join(found.told())
    assert not [word for word in (*make.PATIENT.values(), "Doe") if word in said]
    assert "4 CT" in said and "2 series" in said
    assert units(tmp_path / "card.yaml", tmp_path / "f", tmp_path / "raw") == {"image": (8, 0)}


def test_labels_of_masks_are_found_in_the_masks(tmp_path):
    for number in range(3):
        labels = np.zeros((8, 8, 6), np.uint8)
        labels[2:4, 2:4, number + 1] = 1
        labels[5:7, 5:7, 2:5] = 2
        make.nifti(tmp_path / f"brain_mri/images/c{number}.nii.gz", (labels * 40 + 7).astype(np.int16))
        make.nifti(tmp_path / f"brain_mri/labels/c{number}.nii.gz", labels)
    card = written(tmp_path / "brain_mri", tmp_path / "card.yaml")
    assert (card.format, card.modality, card.slices.mode) == ("volumes", "MRI", "largest")
    assert list(card.labels) == ["1", "2"] and card.expected == {"pair": 3}
    assert "1, 2 are numbers: write what each means" in (tmp_path / "card.yaml").read_text()
    assert units(tmp_path / "card.yaml", tmp_path / "brain_mri", tmp_path / "raw") == {"pair": (3, 0)}


def test_values_of_computed_tomography_choose_its_window(tmp_path):
    for number in range(2):
        values = np.linspace(-1000, 1000, 8 * 8 * 6).reshape(8, 8, 6).astype(np.int16)
        make.nifti(tmp_path / f"lung_nodules/scan{number}.nii.gz", values)
    card = written(tmp_path / "lung_nodules", tmp_path / "card.yaml")
    assert (card.format, card.modality, card.window.mode) == ("plain", "CT", "preset")
    assert card.window.preset == "ct-lung" and "unsure: the preset is guessed" in (tmp_path / "card.yaml").read_text()


def test_text_burned_into_pictures_is_left_out_until_somebody_says_otherwise(tmp_path):
    for number in range(2):
        image = Image.new("L", (256, 192), 30)
        draw = ImageDraw.Draw(image)
        draw.text((20, 20), "JANE DOE 01.01.1970", fill=240, font_size=18)
        (tmp_path / "f").mkdir(exist_ok=True)
        image.save(tmp_path / f"f/{number}.png")
    card = written(tmp_path / "f", tmp_path / "card.yaml")
    assert card.privacy.burned_in == "detect"
    assert "text on 2 of 2 pictures looked at" in (tmp_path / "card.yaml").read_text()


def test_tables_name_their_patients_by_column(tmp_path):
    rows = ["image,Patient ID,finding,license"]
    for number in range(4):
        make.picture(tmp_path / f"f/images/{number}.png")
        rows.append(f"{number}.png,p{number // 2},{'pneumonia' if number % 2 else 'normal'},CC BY-SA 4.0")
    make.text(tmp_path / "f/labels.csv", "\n".join(rows))
    card = written(tmp_path / "f", tmp_path / "card.yaml")
    assert (card.format, card.subject.column, card.licence) == ("class_table", "Patient ID", "CC-BY-SA-4.0")
    assert {label.name for label in card.labels.values()} == {"normal", "pneumonia"}


def test_the_language_of_texts_is_told(tmp_path):
    rows = ["department,title,ask,answer", "内科,头痛,头痛三天了应该怎么办呢,建议多休息并到医院检查血压"]
    make.text(tmp_path / "f/qa.csv", "\n".join([*rows, "内科,咳嗽,咳嗽一周没有好转怎么办,建议拍胸片排除肺炎"]))
    card = written(tmp_path / "f", tmp_path / "card.yaml")
    assert (card.format, card.modality, card.language) == ("text_qa", "Text", "zh")


def test_several_formats_are_several_cards(tmp_path):
    root = voc_set(tmp_path / "smears")
    found = init_source(InitConfig(folder=root, all=True))
    assert [each.format for each in found.drafts] == ["voc", "plain"]
    paths = found.write(tmp_path / "cards")
    assert [read_card(path).name for path in paths] == ["smears-voc", "smears-plain"]
    assert draft(root, format="plain").format == "plain"
    with pytest.raises(ConfigError, match="does not look like coco"):
        draft(root, format="coco")
    with pytest.raises(ConfigError, match="there already"):
        found.write(tmp_path / "cards")


def test_a_shipped_card_that_fits_is_offered_and_its_name_not_taken(tmp_path):
    make.medmnist(tmp_path / "pneumoniamnist/pneumoniamnist.npz")
    found = init_source(InitConfig(folder=tmp_path / "pneumoniamnist"))
    assert [name for name, _ in found.shipped] == ["pneumoniamnist"]
    assert found.drafts[0].name == "my-pneumoniamnist"


def test_what_nothing_reads_is_said_with_what_there_is(tmp_path):
    make.text(tmp_path / "f/a.xyz", "?")
    with pytest.raises(CardError, match="no format reads anything"):
        draft(tmp_path / "f")
    import zipfile

    with zipfile.ZipFile(tmp_path / "f/data.zip", "w") as archive:
        archive.writestr("a.txt", "?")
    with pytest.raises(CardError, match=r"unpack data\.zip with gmai source unpack"):
        draft(tmp_path / "f")


def test_a_folder_of_many_pictures_is_drafted_in_its_time(tmp_path):
    one = make.picture(tmp_path / "f/normal/0.png").read_bytes()
    for number in range(1000):
        path = tmp_path / "f" / ("normal" if number % 2 else "tumor") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(one)
    start = time.monotonic()
    found = draft(tmp_path / "f", seconds=1.0)
    assert found.format == "class_folders" and time.monotonic() - start < 10


def test_a_reader_that_is_cut_off_expects_nothing(tmp_path):
    make.series(tmp_path / "f", np.zeros((6, 16, 16), np.int16))
    survey = survey_folder(tmp_path / "f")
    match = Match(format="dicom_series", options={"files": "**/*.dcm"}, evidence="000.dcm")
    whole, cut = (try_match(tmp_path / "f", match, seconds) for seconds in (60, -1))
    assert whole.whole and whole.found == {"image": 6} and not cut.whole
    texts = [draft_card(survey, trial, "f", 0.1).text for trial in (whole, cut)]
    assert ["expected" in yaml.safe_load(text) for text in texts] == [True, False]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("License: CC BY 4.0", ["CC-BY-4.0"]),
        ("licensed under CC BY-NC-SA 3.0", ["CC-BY-NC-SA-3.0"]),
        ("https://creativecommons.org/publicdomain/zero/1.0/", ["CC0-1.0"]),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International", ["CC-BY-NC-SA-4.0"]),
        ("MIT License\n\nPermission is hereby granted, free of charge", ["MIT"]),
        ("nobody says anything", []),
    ],
)
def test_licences_are_told_by_what_they_are_called(text, names):
    assert find_licences(text) == names


@pytest.mark.parametrize(
    ("paths", "value"),
    [
        ([f"train/{n // 2}_jpg.rf.{n:032x}.jpg" for n in range(8)], "rf"),
        ([f"sub-{n // 3:02}/anat/sub-{n // 3:02}_{n}.nii" for n in range(9)], "sub"),
        ([f"IM-{n // 4:03}-{n}_left.png" for n in range(40)], ""),
        ([f"images/scan{n}.png" for n in range(9)], None),
        ([f"{n % 2}/x{n}.png" for n in range(9)], None),
    ],
)
def test_groups_of_names_are_guessed_and_single_names_are_not(paths, value):
    found = guess_subject(paths)
    assert (found is None) if value is None else (found is not None and value in found.value)


def test_splits_and_columns_are_told_by_their_names():
    assert guess_split(["train/a.png", "x/valid/b.png"]).value == SPLITS
    assert guess_split(["train/a.png", "b.png"]) is None and guess_split(["train/a.png", "train/b.png"]) is None
    assert find_column(["study_id", "age", "patient_id"]) == "patient_id"
    assert find_column(["patient age", "image"]) == ""


def test_guesses_say_what_they_rest_on_and_unknown_is_never_asked_about():
    words = [Words("brain mri tumor", "the folder's name", 3)]
    found = guess_modality({}, words, [], grey=True, text_only=False)
    assert (found.value, found.why, found.sure) == ("MRI", "the folder's name", False)
    assert guess_department("MRI", words, []).value == "Neurosurgery"
    assert guess_modality({}, [], ["object"], grey=None, text_only=False).value == "Radiology"
    mixed = guess_modality({"MR": 2, "OT": 1}, [], [], grey=None, text_only=False)
    assert (mixed.value, mixed.sure) == ("Radiology", False)


def test_words_that_all_labels_begin_with_do_not_hide_their_terms():
    notes, unsure = label_notes({(f"SET-1 {name}", "finding"): 1 for name in ("Left Lung", "Heart", "Zq")}, "X-ray")
    assert {raw: label.name for raw, label, _ in notes} == {
        "SET-1 Left Lung": "left lung",
        "SET-1 Heart": "heart",
        "SET-1 Zq": "SET-1 Zq",
    }
    assert unsure == ["SET-1 Zq: not in the lexicon; give a Chinese name"]


def test_globs_cover_paths_and_no_more_depth():
    assert cover(["a/x/1.png", "a/y/2.png", "a/y/3.jpg"]) == ["a/y/3.jpg", "a/*/*.png"]
    assert cover(["a[1]/1.png"]) == ["a[[]1]/1.png"]
    assert cover(["Doe^Jane/list MRN 0012345.csv"]) == ["*/*.csv"]


def test_the_command_line_drafts_shows_lists_and_checks(tmp_path):
    call = CliRunner().invoke
    root = voc_set(tmp_path / "smears")
    done = call(main, ["source", "init", str(root), "-o", str(tmp_path / "card.yaml")])
    assert done.exit_code == 0 and "unsure of home" in done.output and "next: gmai source check" in done.output
    again = call(main, ["source", "init", str(root), "-o", str(tmp_path / "card.yaml")])
    assert again.exit_code == 2 and "there already" in again.output
    printed = call(main, ["source", "init", str(root)])
    assert yaml.safe_load(printed.stdout)["format"] == "voc" and "unsure of home" in printed.stderr
    checked = call(main, ["source", "check", str(tmp_path / "card.yaml"), "--root", str(root)])
    assert checked.exit_code == 0 and "label: 'Platelet cels' is no term" in checked.output
    assert "unverified: home, licence, modality" in checked.output
    shown = call(main, ["source", "show", str(tmp_path / "card.yaml")])
    assert "RBC = red blood cell · 红细胞" in shown.output and "not allowed" in shown.output
    lines = call(main, ["source", "list", "--modality", "fundus photography", "--json"]).output.splitlines()
    cards = [json.loads(line) for line in lines]
    assert cards and all("Fundus Photography" in (card["modality"], *card["modalities"].values()) for card in cards)
    wrong = call(main, ["source", "list", "--modality", "CAT"])
    assert wrong.exit_code == 2 and "unknown modality" in wrong.output


def test_cards_are_chosen_by_family_licence_and_use():
    of_family = select_cards(CardFilter(modality="MR", commercial=True))
    assert of_family and all(card.commercial for card in of_family)
    assert {card.name for card in of_family} >= {"msd-hippocampus"}
    assert all(card.licence.startswith("CC0") for card in select_cards(CardFilter(licence="cc0")))
    assert select_cards(CardFilter(format="coco", department="Dermatology", task="Counting")) == []


def test_a_card_is_described_and_tables_fit():
    card = read_card("bccd")
    text = describe_card(card)
    assert "BCCD blood cells" in text and "MIT" in text and "BCCD/Annotations/BloodImage_*.xml" in text
    assert "RBC = red blood cell" in text and max(map(len, text.splitlines())) <= 140
    assert max(map(len, card_table([(card, card.home)] * 2, 80))) <= 80
    assert label_advice(card) == ()


def test_slides_and_videos_say_how_they_are_cut(tmp_path):
    make_media.pyramid(tmp_path / "s/a.tif", make_media.tissue(512, 512, (50, 50, 450, 450)), steps=(1, 2), mpp=0.5)
    slides = written(tmp_path / "s", tmp_path / "slides.yaml")
    assert (slides.format, slides.modality, slides.tiles.count) == ("plain", "Histopathology", 16)
    for name in ("polyp/a", "polyp/b", "normal/c", "normal/d"):
        make_media.film(tmp_path / f"v/{name}.avi", 12)
    films = written(tmp_path / "v", tmp_path / "films.yaml")
    assert (films.format, films.files, films.frames.count) == ("videos", ("*/*.avi",), 8)
    assert set(films.labels) == {"polyp", "normal"}
