"""The pieces of a conversation, put together, are what the tokenizer makes of the whole conversation."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from gmai.errors import ModelError
from gmai.models.chat import read_scaffold
from gmai.models.families.family import Spelling

TEXTS = ["USER: Which finding is this? ASSISTANT: a nodule", "Where is it? upper left", "user assistant system"] * 3
CHATML = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nBe exact.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}{{ m['content'] }}"
    "{% else %}{% for c in m['content'] %}{% if c['type'] == 'image' %}<see><image></see>{% else %}{{ c['text'] }}"
    "{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PARTS_ONLY = (
    "{% for m in messages %}{{ m['role'] | upper }}: "
    "{% for c in m['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for c in m['content'] | selectattr('type', 'equalto', 'text') %}{{ c['text'] + ' ' }}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
"""As published for LLaVA 1.5: no end after an answer, and nothing for a content that is a plain string."""


def make_tokenizer(kind: str, template: str) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE())
    if kind == "blank first":
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
    special = ["<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<image>", "<see>", "</see>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet() if kind == "bytes" else list("\nx")
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(TEXTS, trainer)
    end = "<|im_end|>" if template is CHATML else "</s>"
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token=end, bos_token="<s>", pad_token="<pad>", chat_template=template
    )


@pytest.mark.parametrize("kind", ["bytes", "blank first"])
@pytest.mark.parametrize("pictures", [0, 1, 2])
def test_pieces_are_spelled_as_in_the_whole(kind, pictures):
    tokenizer = make_tokenizer(kind, CHATML)
    scaffold = read_scaffold(tokenizer, Spelling("<image>"))
    texts = ["Which finding is this?", "a nodule", "Where is it?"]
    ids = [*scaffold.prefix([1] * pictures), *scaffold.text(texts[0]), *scaffold.ask, *scaffold.text(texts[1])]
    ids += [scaffold.end, *scaffold.next_user, *scaffold.text(texts[2]), *scaffold.ask]
    messages = [
        {"role": role, "content": text} for role, text in zip(("user", "assistant", "user"), texts, strict=True)
    ]
    if pictures:
        messages[0]["content"] = [*[{"type": "image"}] * pictures, {"type": "text", "text": texts[0]}]
    whole = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert "Be exact." in whole and ids == tokenizer.encode(whole, add_special_tokens=False)


def test_start_and_end_of_a_picture_stand_around_its_tokens():
    tokenizer = make_tokenizer("bytes", CHATML.replace("<see><image></see>", "<image>\n"))
    scaffold = read_scaffold(tokenizer, Spelling("<image>", "<see>", "</see>"))
    text = tokenizer.decode(scaffold.prefix([2, 1]))
    assert text.endswith("user\n<see><image><image></see>\n<see><image></see>\n")


def test_a_template_of_parts_without_an_end_is_read_and_the_end_is_put_after_answers():
    tokenizer = make_tokenizer("bytes", PARTS_ONLY)
    scaffold = read_scaffold(tokenizer, Spelling("<image>"))
    assert tokenizer.decode(scaffold.prefix([3])) == "USER: <image><image><image>\n"
    assert tokenizer.decode(scaffold.ask) == " ASSISTANT: " and tokenizer.decode(scaffold.next_user) == " USER: "
    assert scaffold.end == tokenizer.eos_token_id


def test_the_first_token_of_all_is_put_where_the_tokenizer_puts_it():
    from tokenizers.processors import TemplateProcessing

    tokenizer = make_tokenizer("bytes", CHATML)
    without = read_scaffold(tokenizer, Spelling("<image>")).prefix()
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.bos_token_id)]
    )
    assert read_scaffold(tokenizer, Spelling("<image>")).prefix() == (tokenizer.bos_token_id, *without)
    tokenizer.chat_template = "<s>" + CHATML
    assert read_scaffold(tokenizer, Spelling("<image>")).prefix() == (tokenizer.bos_token_id, *without)


@pytest.mark.parametrize(
    ("template", "what"),
    [
        (None, "no chat template"),
        ("{{ messages[0]['content'] }}", "every text"),
        (CHATML.replace("<see><image></see>", ""), "one picture before"),
    ],
)
def test_templates_that_tell_too_little_are_refused(template, what):
    tokenizer = make_tokenizer("bytes", CHATML)
    tokenizer.chat_template = template
    with pytest.raises(ModelError, match=what):
        read_scaffold(tokenizer, Spelling("<image>"))
