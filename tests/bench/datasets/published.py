"""Miniatures of published benchmarks in the layouts of their publishers: questions are made up, pictures drawn."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
from PIL import Image
from pyarrow import parquet

import make
from gmai.bench.miniature import MiniatureConfig, write_miniature

FINDINGS = ("consolidation", "edema", "pleural_effusion", "pneumonia", "pneumothorax")
SUBJECTS = (
    "Basic_Medical_Science", "Clinical_Medicine", "Diagnostics_and_Laboratory_Medicine", "Pharmacy", "Public_Health",
)  # fmt: skip


def png(seed=0):
    return make.png_bytes(make.pixels(8, 6, seed=seed) + seed)


def draw(root, *names):
    """Write different pictures; the ending chooses PNG or JPEG."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        Image.open(io.BytesIO(png(number))).save(out, "JPEG" if path.suffix in (".jpg", ".jpeg") else "PNG")
        path.write_bytes(out.getvalue())
    return root


def write(path: Path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="") as out:
            table = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
            table.writeheader()
            table.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False))


def vqa_rad(root):
    draw(root, *(f"VQA_RAD Image Folder/synpic{n}.jpg" for n in (1, 2)))
    base = {"image_organ": "HEAD", "question_type": "PRES", "evaluation": "given", "question_rephrase": "NULL"}
    rows = [
        ("test_freeform", "Is there a mass?", "Yes", "CLOSED ", "synpic1.jpg"),
        ("test_para", "How many masses?", 2, "OPEN", "synpic1.jpg"),
        ("freeform", "Is it CT or MRI?", "CT", "CLOSED", "synpic2.jpg"),
        ("test_freeform", "Is it gone?", "no", "CLOSED", "synpic9.jpg"),
        ("test_freeform", "Where is it?", "", "OPEN", "synpic2.jpg"),
        ("test_freeform", "Is it there?", "No", "CLOSED", "synpic2.jpg"),
    ]
    write(
        root / "VQA_RAD Dataset Public.json",
        [
            {**base, "phrase_type": phrase, "question": question, "answer": answer, "answer_type": closed,
             "image_name": name, "image_case_url": f"https://example.org/{name}"}
            for phrase, question, answer, closed, name in rows
        ],
    )  # fmt: skip


def pmc_mi_bench(root):
    figure, panels = "PMC1_x.jpg", ("PMC1_x.jpg_0.jpg", "PMC1_x.jpg_3.jpg")
    draw(root, *(f"benchmark_images/{name}" for name in (figure, *panels)))

    def task(name, question, answer, names, key="images", where=("Fig-0",)):
        row = {"question": question, key: list(names), "gt": answer, "image_indices": list(where)}
        write(root / f"benchmark_data/{name}_benchmark.json", [row])

    task("compound-imageVQA", "What do panels (A) and (B) show?", "Cells.", [figure])
    lettered = (
        "The question is Which? The candidate options are: A. Panel (A), not (B). \n B. Two\nC.Three A.\n D. Four"
    )
    task("multiplechoiceVQA", lettered, "C", [figure, panels[0]], where=("Fig-0", "Fig-4"))
    task("multiplesubimageVQA", "How do Fig-4 and Fig-1 differ?", "So.", [figure, *panels], where=("Fig-0", "Fig-1"))
    task("puretextQA", "What is a stent?", "A tube.", [figure], key="images_puretext")
    task("single_subimageVQA", "What is in (Fig-4)?", "A vessel.", [figure, panels[0]], where=("Fig-0", "Fig-4"))
    task("spatial_relation", "Where is Fig-1?", "Fig-1 is left.", [figure, *panels], where=("Fig-0", "Fig-4", "Fig-1"))


def omnimedvqa(root):
    draw(root, "Images/ACRIMA/glaucoma/a.png", "Images/Chest CT Scan/adenocarcinoma/b.png")

    def entry(kind, answer, *options, path="Images/ACRIMA/glaucoma/a.png", modality="modality_type", **more):
        row = {"dataset": "ACRIMA", "question_id": "acrima_0", "question_type": kind, "question": f"{kind}?"}
        lettered = {f"option_{letter}": text for letter, text in zip("ABCD", options, strict=False)}
        return {**row, "gt_answer": answer, "image_path": path, modality: "Fundus Photography", **lettered, **more}

    eye = [
        entry("Modality Recognition", "Fundus photography", "CT", "Fundus Photography"),
        entry("Disease Diagnosis", "Glaucoma", "Normal", "Myopia", "Glaucoma", "Cataract"),
        entry("Disease Diagnosis", "Glaucoma", "Glaucoma", "glaucoma", "Normal"),
        entry("Lesion Grading", "Severe", "Mild", "None", "Moderate"),
    ]
    write(root / "QA_information/Open-access/ACRIMA.json", eye)
    chest = {"path": "Images/Chest CT Scan/adenocarcinoma/b.png", "dataset": "Chest CT Scan"}
    told = entry("Anatomy Identification", "Lung", "Liver", "Lung", modality="modality", **chest)
    write(root / "QA_information/Open-access/Chest CT Scan.json", [told])


def mmmu_medical(root):
    def entry(subject, number, kind="multiple-choice", options="['one', \"it's\", 'B']", answer="B", pictures=1):
        images = {f"image_{n}": {"bytes": png(n), "path": "x.png"} if n <= pictures else None for n in range(1, 8)}
        row = {
            "id": f"validation_{subject}_{number}",
            "question": f"Which {number} of {subject} <image 1>?",
            "options": options,
        }
        told = {"explanation": "", "img_type": "['CT']", "topic_difficulty": "Easy", "subfield": "Anatomy"}
        return {**row, **images, **told, "answer": answer, "question_type": kind}

    for subject in SUBJECTS:
        rows = [entry(subject, 1), entry(subject, 2, pictures=2, options="['a', 'b', 'c', 'd', 'e', 'f']", answer="F")]
        rows += [entry(subject, 3, "open", "[]", "['5', 'five']"), entry(subject, 4, answer="E")]
        write(root / subject / "validation-00000-of-00001.parquet", rows)
        write(root / subject / "test-00000-of-00001.parquet", [entry(subject, 1, answer="?")])


def slake(root):
    draw(root, "imgs/xmlab1/source.jpg", "imgs/xmlab2/source.jpg")
    base = {"location": "Abdomen", "modality": "MRI", "base_type": "vqa", "triple": ["vhead", "_", "_"], "img_id": 1}
    rows = [
        ("xmlab1", "What modality?", "MRI", "en", "OPEN", "Modality"),
        ("xmlab1", "这是什么模态？", "核磁共振", "zh", "OPEN", "Modality"),
        ("xmlab2", "Is it healthy?", "Yes", "en", "CLOSED", "Abnormality"),
        ("xmlab2", "健康吗？", "不是", "zh", "CLOSED", "Abnormality"),
        ("xmlab2", "Left or right?", "Left", "en", "CLOSED", "Position"),
    ]
    for name in ("test", "validate", "train"):
        write(
            root / f"{name}.json",
            [
                {**base, "img_name": f"{folder}/source.jpg", "question": question, "answer": answer, "q_lang": language,
                 "answer_type": closed, "content_type": kind, "qid": n}
                for n, (folder, question, answer, language, closed, kind) in enumerate(rows)
            ],
        )  # fmt: skip


def pmc_vqa(root):
    draw(root, "images/PMC1_F1.jpg", "images/PMC2_F1.jpg", "figures/PMC1_F1.jpg")
    row = {"Figure_path": "PMC1_F1.jpg", "Question": 'What, "exactly"?', "Answer": "A cell", "Choice A": " A:A cell"}
    row |= {"Choice B": " B:A bone", "Choice C": " C:A lung", "Choice D": " D:A liver", "Answer_label": "A"}
    more = [{**row, "Figure_path": "PMC2_F1.jpg", "Answer_label": "E"}, {**row, "Figure_path": "PMC2_F1.jpg"}]
    write(root / "test.csv", [row, *more])
    second = {key: text for key, text in row.items() if key != "Answer_label"}
    write(root / "test_2.csv", [{"index": 0, **second, "Caption": "x", "Answer": "D", "split": "test"}])


def pathvqa(root):
    def entry(question, answer, data):
        return {"image": {"bytes": data, "path": None}, "question": question, "answer": answer}

    rows = [entry("is it liver?", "yes", png()), entry("what is it?", "bile duct cells", png())]
    write(root / "data/test-00000-of-00001.parquet", [*rows, entry("what is there?", "fat", png()[:60])])


def medxpertqa_mm(root):
    draw(root, "images/MM-1-a.jpeg", "images/MM-1-b.jpeg")
    options = dict(zip("ABCDE", ("left", "right", "both", "none", "E"), strict=True))
    inline = "Which side?\nAnswer Choices: " + " ".join(f"({letter}) {text}" for letter, text in options.items())
    row = {"id": "MM-1", "question": inline, "options": options, "label": "E", "images": ["MM-1-b.jpeg", "MM-1-a.jpeg"]}
    told = {"medical_task": "Diagnosis", "body_system": "Nervous", "question_type": "Reasoning"}
    listed = [{"letter": letter, "content": text} for letter, text in options.items()]
    other = {"id": "MM-2", "question": inline.replace("side", "lobe"), "options": listed, "label": "A"}
    rows = [{**row, **told}, {**row, **told, **other, "images": ["MM-1-a.jpeg"]}]
    write(root / "MM/test.jsonl", rows)


def ms_cxr_t(root):
    place = "p10/p10000001/s5000000{}/{}-0000"
    earlier, later = place.format(1, "aa"), place.format(2, "bb")
    draw(root, f"files/{earlier}.jpg", f"files/{later}.jpg")
    row = {"subject_id": 10000001, "study_id": 2, "dicom_id": later, "previous_dicom_id": earlier}
    labels = {f"{finding}_progression": "" for finding in FINDINGS}
    rows = [
        {**row, **labels, "edema_progression": "worsening", "pneumonia_progression": "stable"},
        {**row, **labels, "pneumothorax_progression": "unchanged"},
        {**row, **labels, "previous_dicom_id": place.format(9, "gone"), "edema_progression": "improving"},
    ]
    write(root / "MS_CXR_T_temporal_image_classification_v1.0.0.csv", rows)


def gmai_mmbench(root):
    write_miniature(MiniatureConfig(out=root / "GMAI_mm_bench_VAL.tsv", picture_px=8))


ALL = {
    "gmai-mmbench": gmai_mmbench, "medxpertqa-mm": medxpertqa_mm, "mmmu-medical": mmmu_medical, "ms-cxr-t": ms_cxr_t,
    "omnimedvqa": omnimedvqa, "pathvqa": pathvqa, "pmc-mi-bench": pmc_mi_bench, "pmc-vqa": pmc_vqa, "slake": slake,
    "vqa-rad": vqa_rad,
}  # fmt: skip
