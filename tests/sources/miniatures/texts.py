"""Entries of the sets of questions and conversations, as their files have them, by card."""

from miniatures.truth import Places

_CHOICE = {"option_A": "Fundus", "option_B": "CT", "option_C": "MR", "option_D": "OCT"}
_TRAIN, _VAL = "ImageClef-2019-VQA-Med-Training", "ImageClef-2019-VQA-Med-Validation"
_SLAKE = {"answer_type": "OPEN", "location": "Lung", "base_type": "vqa", "content_type": "Modality"}

_OPEN_I = (
    '<?xml version="1.0" encoding="utf-8"?><eCitation><uId id="CXR{n}"/><MedlineCitation><Article><Abstract>'
    '<AbstractText Label="COMPARISON"/><AbstractText Label="FINDINGS">The heart is normal in XXXX {n}.</AbstractText>'
    '<AbstractText Label="IMPRESSION">Clear lungs.</AbstractText></Abstract></Article></MedlineCitation>{images}'
    "</eCitation>"
)

TEXTS: dict[str, Places] = {
    "chinese-medical-dialogue": {
        "texts": {
            "Data_数据/IM_内科/内科5000-33000.csv": "department,title,ask,answer\n"
            "心血管科,高血压患者能吃党参吗？,我有高血压这两天女婿来的时候给我拿了些党参泡水喝。,高血压病人可以口服党参的。\n"
        },
        "encoding": "gb18030",
    },
    "iu-xray": {
        "texts": {
            f"ecgen-radiology/{n}.xml": _OPEN_I.format(
                n=n, images="".join(f'<parentImage id="CXR{n}_1_IM-0001-{view}"/>' for view in (3001, 4001))
            )
            for n in (1, 2)
        },
        "pictures": tuple(f"NLMCXR_png/CXR{n}_1_IM-0001-{view}.png" for n in (1, 2) for view in (3001, 4001)),
    },
    "medmcqa": {
        "texts": {
            f"{name}.json": (
                {
                    "id": name,
                    "question": "Chronic urethral obstruction can lead to which change?",
                    "exp": "Back pressure.",
                    "cop": 3,
                    "opa": "Hyperplasia",
                    "opb": "Hyperophy",
                    "opc": "Atrophy",
                    "opd": f"Dyplasia {name}",
                    "subject_name": "Anatomy",
                },
                {
                    "id": f"{name}2",
                    "question": f"Which? {name}",
                    "cop": 1,
                    "opa": "A",
                    "opb": "B",
                    "opc": "C",
                    "opd": "D",
                },
            )
            for name in ("train", "dev")
        },
        "splits": ("train", "val"),
    },
    "medqa-usmle": {
        "texts": {
            f"questions/US/{name}.jsonl": [
                {
                    "question": f"A 23-year-old pregnant woman presents with burning upon urination ({name}).",
                    "answer": "Nitrofurantoin",
                    "options": {"A": "Ampicillin", "B": "Ceftriaxone", "C": "Doxycycline", "D": "Nitrofurantoin"},
                    "meta_info": "step2&3",
                    "answer_idx": "D",
                }
            ]
            for name in ("train", "dev", "test")
        },
        "splits": ("train", "val", "test"),
    },
    "medquad": {
        "texts": {
            "4_MPlus_Health_Topics_QA/0000001.xml": "<?xml version='1.0' encoding='UTF-8'?>"
            '<Document id="0000001" source="MPlusHealthTopics" url="https://example.org"><Focus>A1C</Focus><QAPairs>'
            '<QAPair pid="1"><Question qid="0000001-1" qtype="information">What is A1C?</Question>'
            "<Answer>A blood test.</Answer></QAPair></QAPairs></Document>"
        }
    },
    "mts-dialog": {
        "texts": {
            f"Main-Dataset/MTS-Dialog-{name}Set.csv": "ID,section_header,section_text,dialogue\n"
            f'0,GENHX,The patient is well ({name}).,"Doctor: What brings you here ({name})? \nPatient: A refill."\n'
            for name in ("Training", "Validation")
        },
        "splits": ("train", "val"),
    },
    "omnimedvqa-open": {
        "texts": {
            f"QA_information/Open-access/{name}.json": [
                {
                    "dataset": name,
                    "question_id": f"{name}_0000",
                    "question_type": "Modality Recognition",
                    "question": "What imaging technique was employed?",
                    "gt_answer": answer,
                    "image_path": f"Images/{name}/1.png",
                    **_CHOICE,
                    "modality_type": modality,
                }
            ]
            for name, answer, modality in (
                ("ACRIMA", "Fundus", "Fundus Photography"),
                ("Chest", "CT", "CT(Computed Tomography)"),
            )
        },
        "pictures": ("Images/ACRIMA/1.png", "Images/Chest/1.png"),
        "modalities": ("Fundus Photography", "CT"),
    },
    "phantom-text": {
        "texts": {
            "text/qa.jsonl": [
                {"id": "1", "subject": "a", "question": "What is it?", "answer": "a cyst", "topic": "cysts"},
            ]
        }
    },
    "pmc-vqa": {
        "texts": {
            f"{split}.csv": "Figure_path,Question,Answer,Choice A,Choice B,Choice C,Choice D,Answer_label\n"
            f"{article}_F1.jpg,What is the uptake pattern?, Focal, A:Diffuse , B:Focal , C:None , D:Unknown ,B\n"
            for split, article in (("train", "PMC1064097"), ("test", "PMC8253797"))
        },
        "pictures": ("images/PMC1064097_F1.jpg", "images/PMC8253797_F1.jpg"),
        "subjects": ("PMC1064097", "PMC8253797"),
        "splits": ("train", "test"),
    },
    "pubmedqa": {
        "texts": {
            "data/ori_pqal.json": {
                "21645374": {
                    "QUESTION": "Do mitochondria play a role in remodelling lace plant leaves?",
                    "CONTEXTS": ["Programmed cell death is regulated."],
                    "LONG_ANSWER": "They do.",
                    "final_decision": "yes",
                }
            }
        }
    },
    "slake": {
        "texts": {
            f"{name}.json": [
                {"img_name": f"xmlab{n}/source.jpg", "question": "Which?", "answer": spoken, "q_lang": "en", **_SLAKE}
                | {"modality": spoken, "qid": n},
                {
                    "img_name": f"xmlab{n}/source.jpg",
                    "question": "这是什么?",
                    "answer": spoken,
                    "q_lang": "zh",
                    **_SLAKE,
                }
                | {"modality": spoken, "qid": 100 + n},
            ]
            for n, (name, spoken) in enumerate((("train", "CT"), ("validate", "MRI"), ("test", "X-Ray")))
        },
        "pictures": tuple(f"imgs/xmlab{n}/source.jpg" for n in range(3)),
        "splits": ("train", "val", "test"),
        "modalities": ("CT", "MRI", "X-ray"),
    },
    "vqa-med-2019": {
        "texts": {
            f"{_TRAIN}/All_QA_Pairs_train.txt": "synpic41148|what kind of image is this?|cta - ct angiography\n",
            f"{_VAL}/All_QA_Pairs_val.txt": "synpic54082|what is the plane?|axial\n",
        },
        "pictures": (f"{_TRAIN}/Train_images/synpic41148.jpg", f"{_VAL}/Val_images/synpic54082.jpg"),
        "splits": ("train", "val"),
    },
    "vqa-rad": {
        "texts": {
            "osfstorage/VQA_RAD Dataset Public.json": [
                {"image_name": "synpic1.jpg", "question": "Is it clear?", "answer": "yes", "answer_type": "CLOSED"},
                {"image_name": "synpic2.jpg", "question": "What organ is shown?", "answer": "liver"},
            ]
        },
        "pictures": tuple(f"osfstorage/VQA_RAD Image Folder/synpic{n}.jpg" for n in (1, 2)),
    },
}
