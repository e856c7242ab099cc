"""Every name the phantoms use, and the label values that stand for them: what the source cards must match."""

MODALITIES = ("ct", "xray", "histology", "fundus", "ultrasound", "text")
"""Folders of the hospital, in order; the source of each is called ``phantom-`` and the folder's name."""

CT_FINDINGS = ("abscess", "hemangioma", "metastasis", "hematoma")
XRAY_FINDINGS = ("cavity", "granuloma", "tumor", "atelectasis")
ULTRASOUND_FINDINGS = ("cyst", "calcification", "carcinoma", "lipoma")
HISTOLOGY_CELLS = ("lymphocyte", "neutrophil", "eosinophil", "mitosis")
FUNDUS_GRADES = ("absent", "mild", "moderate", "severe")

CT_LOCATIONS = ("right-anterior", "left-anterior", "right-posterior", "left-posterior")
"""Quadrants of the patient."""
QUADRANTS = ("upper-left", "upper-right", "lower-left", "lower-right")
"""Quadrants of the picture."""

CT_LABELS = dict(enumerate(CT_FINDINGS, start=1))
"""Value in a CT label map to finding; 0 is everything else."""
ULTRASOUND_LABELS = dict(enumerate(ULTRASOUND_FINDINGS, start=1))
"""Value in an ultrasound mask to finding; 0 is everything else."""
XRAY_CATEGORIES = dict(enumerate(XRAY_FINDINGS, start=1))
"""COCO category id to finding."""
