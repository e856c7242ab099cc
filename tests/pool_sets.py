"""Public data sets of the folder of real data: what each holds, and what is changed in the card drafted for it.

The folders are those of ``--data``; without it nothing here is used. Figures are those of each set's own description.
"""

import difflib
import shutil
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PoolSet:
    """One set: where it lies, what it holds, and the lines of its card that somebody who knows it writes."""

    folder: str
    title: str
    format: str
    figures: dict[str, int]
    """Units, as the set's description counts them."""
    files: int = 0
    """DICOM files, each of which is an image or one of a pair; 0 where files are not what is counted."""
    changes: tuple[str, ...] = field(default=())
    """Lines of the card that replace those of the same key; others are added."""


SETS = (
    PoolSet(
        folder="detection/bccd_voc",
        title="BCCD blood cells",
        format="voc",
        figures={"image": 364, "annotation": 4155 + 372 + 361},
    ),
    PoolSet(
        folder="detection/brain_tumor2_coco",
        title="Brain tumour MRI 2 (COCO)",
        format="coco",
        figures={"image": 178, "annotation": 233},
        changes=("modality: MRI", "  object: {name: brain tumor, zh: 脑肿瘤}"),
    ),
    PoolSet(
        folder="detection/brain_tumor_roboflow_yolo",
        title="Brain tumour MRI (YOLO)",
        format="yolo",
        figures={"image": 60, "annotation": 12 + 11},
        changes=("modality: MRI",),
    ),
    PoolSet(
        folder="detection/lumbar_spine_dota",
        title="Lumbar spine MRI (DOTA)",
        format="dota",
        figures={"image": 64, "annotation": 89 + 78 + 59},
        changes=(
            "modality: MRI",
            "  Buldging: {name: bulging disc, zh: 椎间盘膨出}",
            "  Herniation: {name: herniated disc, zh: 椎间盘突出}",
            "privacy: {burned_in: keep}",
        ),
    ),
    PoolSet(
        folder="segmentation/covid_cxr_segmentations",
        title="COVID-19 chest X-ray segmentations",
        format="mask_table",
        figures={"image": 16, "annotation": 91 + 2},
        changes=("  COVID-19 Cardiomediastinum: {name: cardiomediastinum, zh: 心脏纵隔}",),
    ),
    PoolSet(
        folder="segmentation/dsb2018_nuclei",
        title="Data Science Bowl 2018 nuclei",
        format="masks",
        figures={"image": 38, "annotation": 887},
        changes=(
            "modality: Microscopy",
            "department: Laboratory Medicine and Pathology",
            "tasks: {finding: Cell Recognition}",
            "  object: {name: cell nucleus}",
        ),
    ),
    PoolSet(
        folder="classification/pneumoniamnist_npz",
        title="PneumoniaMNIST",
        format="medmnist",
        figures={"image": 2428 + 270, "annotation": 2428 + 270},
        changes=(
            "licence: CC-BY-4.0",
            "modality: X-ray",
            "department: Pulmonary Medicine",
            "  '0': {name: normal}",
            "  '1': {name: pneumonia}",
        ),
    ),
    PoolSet(
        folder="classification/skimage_bundled",
        title="scikit-image medical pictures",
        format="plain",
        figures={"image": 4},
        changes=("licence: CC0-1.0",),
    ),
    PoolSet(
        folder="volumes/msd_hippocampus",
        title="Medical Segmentation Decathlon, hippocampus",
        format="volumes",
        figures={"pair": 40},
        changes=(
            "licence: CC-BY-SA-4.0",
            "modality: T1 MRI",
            "department: Neurosurgery",
            "tasks: {finding: Organ Recognition - Head and Neck}",
            "  '1': {name: anterior hippocampus, zh: 前海马体}",
            "  '2': {name: posterior hippocampus, zh: 后海马体}",
        ),
    ),
    PoolSet(
        folder="volumes/nibabel_testdata",
        title="nibabel test volumes",
        format="plain",
        # 24 files; one BRIK and one REC hold the voxels of a header beside them
        figures={"image": 24 - 2},
        changes=("licence: MIT", "modality: MRI"),
    ),
    PoolSet(
        folder="volumes/niivue_images",
        title="NiiVue demonstration volumes",
        format="plain",
        figures={"image": 5},
        changes=("licence: CC-BY-NC-4.0", "modality: MRI"),
    ),
    PoolSet(
        folder="volumes/torchio_fernando",
        title="TorchIO sample volumes",
        format="plain",
        # three volumes and a transform, which is none
        figures={"image": 3 + 1},
        changes=("modality: MRI",),
    ),
    PoolSet(
        folder="dicom/dcm_qa_ct_ge",
        title="Head CT with gantry tilt",
        format="dicom_series",
        figures={"image": 14},
        changes=("department: Neurosurgery",),
    ),
    PoolSet(
        folder="dicom/dcm_qa_nih",
        title="NIH validation series",
        format="dicom_series",
        figures={"image": 158},
    ),
    PoolSet(
        folder="dicom/dcmqi_seg",
        title="dcmqi segmentations",
        format="dicom_seg",
        figures={},
        files=18 + 2,
    ),
    PoolSet(
        folder="dicom/dicompyler_rt",
        title="dicompyler-core RT example",
        format="rtstruct",
        figures={"pair": 1, "annotation": 10},
        files=3,
    ),
    PoolSet(
        folder="dicom/highdicom_test_files",
        title="highdicom test files",
        format="dicom_seg",
        figures={},
        files=25,
    ),
    PoolSet(
        folder="dicom/pydicom_test_files",
        title="pydicom test files",
        format="dicom_series",
        figures={"image": 194},
    ),
    PoolSet(
        folder="dicom/rt_utils_mock",
        title="rt-utils mock structure sets",
        format="rtstruct",
        figures={"image": 6, "pair": 4},
        files=10,
    ),
    PoolSet(
        folder="vqa/pmc_mi_bench",
        title="PMC-MI-Bench",
        format="vqa",
        figures={"image": 59 + 68, "question": 68},
        changes=("department: none", "privacy: {burned_in: keep}"),
    ),
    PoolSet(
        folder="vqa/vqa_med_2019_text",
        title="VQA-Med 2019, without its pictures",
        format="vqa",
        figures={"image": 500, "question": 500},
        changes=("licence: CC-BY-4.0", "department: none"),
    ),
    PoolSet(
        folder="vqa/vqa_rad",
        title="VQA-RAD",
        format="vqa",
        figures={"image": 180, "question": 1296},
        changes=("licence: CC0-1.0", "privacy: {burned_in: keep}"),
    ),
    PoolSet(
        folder="text/chinese_medical_dialogue",
        title="Chinese medical dialogue",
        format="text_qa",
        figures={"question": 1453},
    ),
    PoolSet(
        folder="text/medquad",
        title="MedQuAD",
        format="medquad",
        figures={"question": 599},
        changes=("department: none",),
    ),
    PoolSet(
        folder="text/mts_dialog",
        title="MTS-Dialog",
        format="dialogue",
        figures={"dialogue": 1201 + 100},
    ),
    PoolSet(
        folder="text/pubmedqa",
        title="PubMedQA",
        format="text_qa",
        figures={"question": 300},
    ),
)


def copy_set(data: Path, pool_set: PoolSet, out: Path) -> Path:
    """Copy a set without the description that the folder of real data adds to it, which would give all away."""
    home = out / Path(pool_set.folder).name
    return Path(shutil.copytree(data / pool_set.folder, home, ignore=shutil.ignore_patterns("SOURCE.md")))


def change(text: str, lines: tuple[str, ...]) -> str:
    """A card with lines in the place of those of the same key; a key that it does not have comes at its end."""
    found = text.splitlines()
    for line in lines:
        key = line.partition(":")[0] + ":"
        places = [at for at, old in enumerate(found) if old.startswith(key)]
        if places:
            found[places[0]] = line
        else:
            found.append(line)
    return "\n".join(found) + "\n"


def count_changes(before: str, after: str) -> int:
    """Changed lines, as a unified diff counts them: those taken away or those added, whichever are more."""
    diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return max(sum(line.startswith(mark) for line in diff) for mark in "+-")
