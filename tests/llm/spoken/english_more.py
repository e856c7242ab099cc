"""More English sentences, never looked at when the gates' words were chosen: how many true ones are refused?"""

MODALITY = (
    "This study was performed with {modality}.",
    "A {modality} examination is presented.",
    "The examination shown is a {modality} scan.",
    "Judging by its type, this is {modality}.",
    "The displayed image stems from {modality}.",
)
FINDING = (
    "The image demonstrates {a}.",
    "One notices {a} on this view.",
    "The main observation is {a}.",
    "{A} was detected in this image.",
    "This view features {a}.",
    "The photograph captures {a}.",
    "An example of {label} is displayed.",
    "The reader's diagnosis is {label}.",
)
REGION = (
    "The delineated area is {a}.",
    "The annotated structure turns out to be {a}.",
    "The contour follows {a}.",
    "The bounding box encloses {a}.",
    "This region has been classified as {label}.",
    "The shape that was traced belongs to {a}.",
)
LOCATION = (
    "The {label} occupies the {place} quadrant.",
    "The {label} is positioned in the {place} quadrant of the image.",
    "The {place} quadrant is where the {label} resides.",
    "As for its location, the {label} is in the {place} quadrant.",
    "The {label} projects over the {place} quadrant.",
    "Within the {place} quadrant one finds the {label}.",
)
COUNT = (
    "Altogether {words} {labels} were counted.",
    "The picture displays {n} {labels}.",
    "{Words} separate {labels} can be distinguished.",
    "Counting them yields {n} {labels}.",
    "We observe {words} {labels}.",
)
COUNT_ONE = (
    "Just one {label} was counted.",
    "The count is one {label}.",
    "A lone {label} is displayed.",
)
PRESENT = (
    "Indeed, {a} is there.",
    "{A} can be made out.",
    "The image does contain {a}.",
    "Yes, {a} can be identified.",
)
ABSENT = (
    "{Label} cannot be detected.",
    "The image lacks {a}.",
    "No {label} could be found.",
    "Nothing suggests {label} here.",
    "There isn't any {label}.",
    "The search for {label} was unsuccessful: none is shown.",
)
SIZE = (
    "The {label} spans {mm} mm at its widest.",
    "Its longest axis, that of the {label}, is {mm} mm.",
    "The maximum diameter of the {label} amounts to {mm} mm.",
    "The {label} has an extent of {cm} cm.",
    "With a length of {mm} millimeters, the {label} is recorded.",
)
GRADE = (
    "On the grading scale this is {grade}.",
    "The assigned grade reads {grade}.",
    "Readers rated it {grade}.",
)
CLAIMS = (
    ", known since childhood", ", found by chance", ", attached to the wall", ", pressing on its neighbours",
    ", in the process of healing", ", of the same kind as those seen in other people", ", with a tail",
    ", shown to the expert", ", of long standing", ", of unknown origin", ", as one would expect",
    ", a sign of good health", ", a sign of illness", ", the result of a fall", ", part of a larger structure",
    ", the main reason for the examination", ", far away from it", ", close to the centre of the body",
    ", in line with its neighbour", ", of considerable extent", ", the outline of which is broken",
    ", open at one end", ", lying on its side", ", next to another structure", ", with its longest axis turned",
    ", crossed by a line", ", covered by something", ", in the foreground",
    ", still present at the end of the study", ", and the person is well", ", with tortuous vessels",
    ", showing ballooning degeneration", ", alongside a stent", ", with koilocytes", ", beside a pacemaker lead",
    ", with air bubbles", ", overlying scar tissue", ", with cobblestoning", ", plus a fistula",
    ", and hardware is in place",
)  # fmt: skip
"""Claims and findings nobody annotated; of the gates only that on parts was made after they were looked at."""
