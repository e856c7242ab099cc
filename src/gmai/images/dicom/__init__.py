"""DICOM: headers at a look, series as volumes, what marks them; identifiers leave only as keyed hashes."""
