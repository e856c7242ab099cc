"""English sentences by what they state. Places: ``{a}`` a label with its article, ``{label}``, ``{labels}`` its plural.

``{place}`` is a quadrant, ``{n}`` a number in digits, ``{words}`` in words, ``{mm}`` and ``{cm}`` a length.
"""

MODALITY = (
    "This is a picture of the type {modality}.",
    "The image was acquired by {modality}.",
    "The modality is {modality}.",
    "What is shown here is {modality}.",
    "{modality} was used to obtain this image.",
    "The picture in front of us comes from {modality}.",
    "We are looking at an image made by {modality}.",
    "{modality} is the technique behind this picture.",
)
FINDING = (
    "The image shows {a}.",
    "{A} can be seen in the image.",
    "{A} is demonstrated.",
    "On this image, {a} is identified.",
    "The finding here is {a}.",
    "What the picture depicts is {a}.",
    "{A} is visible.",
    "There is {a} in this picture.",
    "The study reveals {a}.",
    "{A} has been marked by the reader.",
    "The answer is {label}.",
    "It is {a}.",
    "We can recognise {a} here.",
)
REGION = (
    "The marked region is {a}.",
    "The outlined structure corresponds to {a}.",
    "What is marked here is {a}.",
    "{A} is enclosed by the drawn line.",
    "The highlighted area represents {a}.",
    "The region that has been drawn contains {a}.",
    "It is {a} that the drawing points out.",
    "Inside the drawn region lies {a}.",
)
LOCATION = (
    "The {label} lies in the {place} quadrant.",
    "The {label} is located in the {place} quadrant.",
    "The {label} is situated in the {place} part of the image.",
    "The {label} can be found in the {place} quadrant.",
    "In the {place} quadrant, the {label} is seen.",
    "Its position is {place}: the {label} occupies that quadrant.",
    "The {place} quadrant contains the {label}.",
    "The centre of the {label} is in the {place} quadrant.",
    "The {label} was found in the {place} quadrant.",
    "Look at the {place} quadrant to find the {label}.",
    "The {label} sits in the {place} quadrant.",
    "It is the {place} quadrant in which the {label} is placed.",
)
COUNT = (
    "There are {words} {labels}.",
    "There are {n} {labels} in the image.",
    "{Words} {labels} are visible.",
    "{n} {labels} are shown.",
    "A total of {n} {labels} can be counted.",
    "The number of {labels} is {n}.",
    "In all, {words} {labels} are present.",
    "{Words} {labels} have been marked.",
    "One can count {words} {labels} here.",
    "The image contains {n} {labels}.",
)
COUNT_ONE = (
    "There is one {label}.",
    "A single {label} is visible.",
    "Only one {label} is shown.",
    "Exactly 1 {label} has been marked.",
    "The number of {labels} is 1.",
)
PRESENT = (
    "Yes, {a} is present.",
    "{A} is present.",
    "The presence of {a} is confirmed.",
    "Yes, the image shows {a}.",
    "There is {a}.",
    "{A} is seen on this image.",
)
ABSENT = (
    "No {label} is seen.",
    "There is no {label}.",
    "No, there is no {label} in the image.",
    "There is no evidence of {label}.",
    "The image is free of {label}.",
    "{Label} is absent.",
    "No sign of {label} can be found.",
    "The image does not show {a}.",
    "{Label} is not present.",
    "The image is negative for {label}.",
    "Neither the image nor its marks show {a}.",
    "{Label} was not identified.",
)
SIZE = (
    "The {label} measures {mm} mm in its longest diameter.",
    "The longest diameter of the {label} is {mm} mm.",
    "The {label} is {mm} mm long.",
    "The {label} has a longest diameter of {cm} cm.",
    "Measured along its longest axis, the {label} reaches {mm} mm.",
    "At its largest, the {label} extends over {mm} millimetres.",
    "A longest diameter of {mm} mm was measured for the {label}.",
    "The {label} is about {cm} cm in size.",
    "The size of the {label} is {mm} mm.",
    "The {label} falls into the size class {class}.",
)
GRADE = (
    "The grade is {grade}.",
    "It is graded as {grade}.",
    "The severity was rated as {grade}.",
    "The image belongs to the grade called {grade}.",
    "The grading result is {grade}.",
    "As to severity, the grade is {grade}.",
)
LOCATION_SIZE = (
    "The {label} lies in the {place} quadrant and measures {mm} mm.",
    "In the {place} quadrant there is the {label}, with a longest diameter of {mm} mm.",
    "The {label}, {mm} mm in its longest diameter, is located in the {place} quadrant.",
    "With {cm} cm in its longest diameter, the {label} is found in the {place} quadrant.",
)
PRESENT_ABSENT = (
    "{A} is present, but no {other} is seen.",
    "There is {a}, whereas {other} is absent.",
    "The image shows {a} and no {other}.",
    "While no {other} is found, {a} is present.",
)
QUESTIONS = {
    "modality": (
        "Which imaging technique was used?",
        "What kind of image is this?",
        "How was this picture made?",
    ),
    "finding": ("What does the image show?", "Which finding is seen here?", "What can be recognised in this picture?"),
    "region": ("What is the marked region?", "What does the drawing point out?", "Which structure is outlined?"),
    "location": (
        "In which quadrant is the {label} located?",
        "Where is the {label}?",
        "Which part of the image contains the {label}?",
    ),
    "count": (
        "How many {labels} are there?",
        "What is the number of {labels}?",
        "How many {labels} can be counted?",
    ),
    "presence": ("Is there {a} in the image?", "Can {a} be seen?", "Does the image show {a}?"),
    "size": (
        "How large is the {label}?",
        "What is the longest diameter of the {label}?",
        "Which size does the {label} have?",
    ),
    "grade": ("What is the grade?", "How is this image graded?", "Which severity was given?"),
}
NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen").split()
SYNONYMS = {
    "red blood cell": ("erythrocyte", "erythrocytes"),
    "white blood cell": ("leukocyte", "leukocytes"),
    "platelet": ("thrombocyte", "thrombocytes"),
    "tumor": ("neoplasm", "neoplasms"),
    "tumour": ("neoplasm", "neoplasms"),
    "brain tumor": ("brain tumour", "brain tumours"),
    "hemangioma": ("haemangioma", "haemangiomas"),
    "hematoma": ("haematoma", "haematomas"),
    "ground-glass opacity": ("ground glass opacity", "ground glass opacities"),
    "endotracheal tube": ("tracheal tube", "tracheal tubes"),
    "central venous catheter": ("central line", "central lines"),
    "metastasis": ("metastatic lesion", "metastatic lesions"),
    "mitosis": ("mitotic figure", "mitotic figures"),
}
"""What else people call a label: singular and plural. Chosen from common usage, not from the lexicon."""
INVENTED = (
    "pleural effusion", "pneumothorax", "rib fracture", "hydronephrosis", "gallstones", "hepatic steatosis",
    "cardiomegaly", "pulmonary embolism", "lymphadenopathy", "ascites", "diverticulitis", "aortic aneurysm",
    "subdural haemorrhage", "meningioma", "glioblastoma", "retinal detachment", "cotton wool spots", "drusen",
    "papilloedema", "melanoma", "basal cell carcinoma", "fibroadenoma", "microcalcifications", "bronchiectasis",
    "emphysema", "interstitial fibrosis", "kidney stone", "pancreatitis", "appendicitis", "splenomegaly",
    "osteophytes", "disc herniation", "meniscal tear", "bone marrow oedema", "goitre", "thyroid nodule",
    "ovarian torsion", "uterine fibroid", "endometriosis", "polyp", "Barrett's oesophagus", "peptic ulcer",
    "malaria parasites", "sickle cells", "blast cells", "Auer rods", "hydrocephalus", "cerebral infarction",
)  # fmt: skip
"""Findings that no source here annotates."""
INVENTED_SENTENCES = (
    "There is also {finding}.",
    "In addition, {finding} is seen.",
    "The image further shows {finding}.",
    "{Finding} is present as well.",
    "No {finding} is seen.",
    "There is no evidence of {finding}.",
    "Signs of {finding} are noted.",
    "Findings are those of {finding}.",
)
INVENTED_CLAUSES = (", together with {finding}", ", accompanied by {finding}", " with {finding}", " and {finding}")
ATTRIBUTES = (
    ", with irregular borders", ", which appears benign", ", probably of infectious origin",
    ", unchanged since last year", ", and biopsy is recommended", ", in a 54-year-old man with fever",
    ", of low density", ", round and well circumscribed", ", most likely malignant", ", with contrast enhancement",
    ", caused by smoking", ", consistent with early disease", ", bluish in colour",
    ", compressing the adjacent vessels", ", as in stage II disease", ", without metastases",
    ", and follow-up in six months is advised", ", which is a common incidental finding", ", partly calcified",
    ", with a lobulated contour", ", bilaterally", ", near the hilum", ", severe in degree",
    ", of unclear significance",
)  # fmt: skip
"""Descriptions, courses, causes and advice that no annotation here gives; to be put at the end of a sentence."""
DENIED_REST = (
    "No other abnormality is seen.", "The rest of the image is normal.", "Otherwise, the study is unremarkable.",
    "There are no other findings.", "The remaining structures are intact.", "Nothing else is abnormal.",
    "All other organs appear healthy.", "No further lesions are visible.", "Elsewhere the tissue is normal.",
    "There is no sign of disease elsewhere.",
)  # fmt: skip
"""What models like to add, and nobody annotated."""
NOTHING_ELSE = (
    ", and nothing else is abnormal", " and no other abnormality", ", otherwise normal", ", without further findings",
    ", and the rest is unremarkable",
)  # fmt: skip
OR_PLACE = (", on the {} side", ", that is, {}", ", extending to the {} quadrant", ", in the {} part")
OR_NUMBER = (", that is, {n}", ", and {words} more", ", or rather {words} {labels}")
OR_LENGTH = (", that is, {} mm", ", and {} mm across", " by {} mm")
OR_LABEL = (", that is, {a}", ", or rather {a}", " and {a}", ", also called {label}")
BUT_NOT = (", but there is no {label}", ", although {a} is not seen", ", yet {label} is absent")
BUT_STILL = (", but there is {a}", ", although {a} is seen", ", yet {a} is present")
MODALITIES = ("CT", "MRI", "X-ray", "ultrasound", "dermoscopy", "mammography", "PET", "endoscopy")
UNFOUNDED = (
    ", filling half of the image", ", in the whole body", ", in every slice", ", larger than in the image before",
    ", the largest of several", ", in two thirds of the picture", ", covering most of the picture", ", one of many",
    ", and in a second region", ", at the edge of the image", ", deep in the body", ", outside the organ",
    ", on the surface", ", in the lower half", ", as in the first examination", ", on both sides",
    ", the first of its kind", ", twice the usual size", ", of unusual size", ", with a positive result",
    ", which is common", ", less than before", ", more than expected", ", very small", ", quite large",
    ", not yet complete", ", the only one in the body", ", in all parts of the picture", ", again",
    ", as usual in this age", ", near the body wall", ", and it is growing", ", of the first degree", ", type II",
    ", class B", ", and a second one", ", in each of them", ", with two parts",
)  # fmt: skip
"""Claims in plain words that no annotation here supports; to be put at the end of a sentence."""
