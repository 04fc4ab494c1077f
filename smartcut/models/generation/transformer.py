"""An autoregressive transformer over the tokens of frames; it continues clips token by token.

A tokenizer (see :mod:`tokenizer`) learns first and then stays as it is; a decoder-only transformer
learns the next token after that. What is asked for (class, prompt) stands before the first token,
as in Yan et al.: "VideoGPT", 2021.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from smartcut.errors import ModelError
from smartcut.models.generation.attention import Memory, TokenBlock, angles
from smartcut.models.generation.contract import (
    ClipBatch,
    Config,
    Generator,
    Given,
    SampleSettings,
    check_given,
)
from smartcut.models.generation.tokenizer import Tokenizer

#: Neither guided nor sharpened.
LEARNED = SampleSettings()


class TransformerConfig(Config):
    """How a transformer and its tokenizer are built, and how they learn."""

    scale: Literal[2, 4, 8] = 4
    """So many pixels a side become one token."""
    levels: tuple[int, ...] = (8, 5, 5, 5)
    """Levels of each number of a token; their product is the number of tokens there are."""
    tokenizer_size: int = Field(64, ge=16)
    """Channels of the tokenizer at its coarsest grid."""
    tokenizer_share: float = Field(0.45, gt=0, le=0.5)
    """Share of the training in which the tokenizer learns."""
    size: int = Field(128, ge=16)
    """Numbers of a token inside the transformer."""
    depth: int = Field(4, ge=1)
    heads: int = Field(4, ge=1)
    unheeded: float = Field(0.1, ge=0, lt=1)
    """Share of the clips that are learned from without their class and prompt, for guidance."""
    noise: float = Field(0.03, ge=0, lt=1)
    """Share of the tokens that learning sees replaced, so that own mistakes are borne."""
    top: int = Field(0, ge=0)
    """Tokens are drawn from so many likeliest; 0: from all."""

    @property
    def grid(self) -> tuple[int, int, int]:
        """(frames, rows, columns) of tokens."""
        return self.frames, self.height // self.scale, self.width // self.scale


class Transformer(Generator):
    """Tokens of a clip, one after the other: frame by frame, row by row.

    A query stands at the place of the token that it foretells, a key at that of its own token, so
    that their angles tell how far away in time, height and width it looks. Tokens are read and
    scored whole and by their digits, so that what holds for a digit is learned once.
    """

    family: ClassVar[str] = "transformer"
    settings: ClassVar[type[Config]] = TransformerConfig
    config: TransformerConfig

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config)
        _check(config)
        self.tokenizer = Tokenizer(
            config.channels, config.scale, config.tokenizer_size, config.levels
        )
        size, (frames, rows, columns) = config.size, config.grid
        self.length = frames * rows * columns
        self.words = self.tokenizer.levels.count
        self.start = nn.Parameter(torch.randn(size) * 0.02)
        self.label = nn.Embedding(len(config.labels) + 1, size) if config.labels else None
        self.text = nn.Linear(config.text_size, size) if config.text_size else None
        self.prefix = 1 + bool(config.labels) + bool(config.text_size)
        self.token = nn.Embedding(self.words, size)
        self.digits = nn.Linear(sum(config.levels), size, bias=False)
        self.row, self.column = nn.Embedding(rows, size), nn.Embedding(columns, size)
        self.blocks = nn.ModuleList(
            TokenBlock(size, config.heads, config.grid) for _ in range(config.depth)
        )
        self.norm = nn.RMSNorm(size)
        self.head = nn.Linear(size, self.words)
        self.digits_head = nn.Linear(size, sum(config.levels), bias=False)
        for table in (self.token, self.row, self.column, *([self.label] if self.label else [])):
            nn.init.normal_(table.weight, std=0.02)
        for weight in (self.head.weight, self.head.bias, self.digits_head.weight):
            nn.init.zeros_(weight)
        self.register_buffer("spelt", self.tokenizer.levels.spelt(), persistent=False)
        self.spelt: Tensor
        self._place()

    def _place(self) -> None:
        """Where each element of the sequence stands, and where what it foretells stands."""
        frames, rows, columns = self.config.grid
        grid = torch.cartesian_prod(*map(torch.arange, (frames, rows, columns)))
        before = torch.tensor([[-1, rows // 2, columns // 2]]).repeat(self.prefix, 1)
        own = torch.cat([before, grid])
        aim = torch.cat([own[1:], own[-1:]])
        head = self.config.size // self.config.heads
        self.register_buffer("key_angles", angles(own, self.config.grid, head), persistent=False)
        self.register_buffer("query_angles", angles(aim, self.config.grid, head), persistent=False)
        self.register_buffer("aim", aim[:, 1:], persistent=False)
        self.key_angles: Tensor
        self.query_angles: Tensor
        self.aim: Tensor

    # ------------------------------------------------------------------------------- learning

    def phases(self, progress: float) -> tuple[str, ...]:
        """The tokenizer first; the transformer learns once the tokens stay what they are."""
        return ("tokenizer",) if progress < self.config.tokenizer_share else ("transformer",)

    def learning(self, phase: str) -> Iterable[nn.Parameter]:
        """The tokenizer's parameters, or all others."""
        if phase == "tokenizer":
            return list(self.tokenizer.parameters())
        theirs = set(self.tokenizer.parameters())
        return [p for p in self.parameters() if p not in theirs]

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """Squared error of frames that come back, or nats a token and its perplexity."""
        if phase == "tokenizer":
            return self._tokenizer_losses(batch.clips)
        tokens, count = self.encode(batch.clips), batch.given.count
        kept = torch.rand(count, generator=random, device=tokens.device) >= self.config.unheeded
        loss = self.nats(tokens, batch.given.dropped(kept), self._disturbed(tokens, random)).mean()
        return {"transformer": loss, "perplexity": loss.detach().exp()}

    def _tokenizer_losses(self, clips: Tensor) -> dict[str, Tensor]:
        frames = clips.flatten(0, 1)
        back, values, far = self.tokenizer(frames)
        error = functional.mse_loss(back.float(), frames)
        used = self.tokenizer.levels.to_tokens(values.detach()).unique()
        return {
            "tokenizer": error + far,
            "psnr": 10 * torch.log10(4 / error.detach()),
            "tokens_used": error.new_tensor(len(used)),
        }

    def _disturbed(self, tokens: Tensor, random: torch.Generator) -> Tensor:
        """The tokens with some replaced by any."""
        where = torch.rand(tokens.shape, generator=random, device=tokens.device)
        other = torch.randint(self.words, tokens.shape, generator=random, device=tokens.device)
        return torch.where(where < self.config.noise, other, tokens)

    def nats(self, tokens: Tensor, given: Given, seen: Tensor | None = None) -> Tensor:
        """-ln likelihood of each token (N, L) after those before it (``seen`` in their stead)."""
        before = tokens if seen is None else seen
        scores = self.scores(self._prefix(given), before[:, :-1])[:, self.prefix - 1 :]
        return functional.cross_entropy(scores.float().transpose(1, 2), tokens, reduction="none")

    def perplexity(self, clips: Tensor, given: Given) -> float:
        """exp of the mean nats a token: among how many equally likely ones it was to be chosen."""
        with torch.no_grad():
            return float(self.nats(self.encode(clips), given).mean().exp())

    def encode(self, clips: Tensor) -> Tensor:
        """Tokens int64 (N, L); in float32 always, so that learning and sampling see the same."""
        with torch.no_grad(), torch.autocast(clips.device.type, enabled=False):
            return self.tokenizer.encode(clips)

    # ------------------------------------------------------------------------------ the network

    def _prefix(self, given: Given) -> Tensor:
        """(N, P, size): class, prompt, and where the clip starts."""
        check_given(self.config, given)
        device, parts = self.start.device, []
        if self.label is not None:
            label = given.label
            if label is None:
                label = torch.full((given.count,), -1, device=device)
            parts.append(self.label(label + 1))
        if self.text is not None:
            text = given.text
            if text is None:
                text = torch.zeros(given.count, self.config.text_size, device=device)
            # Prompts have length 1; their numbers are brought to spread by about 1.
            parts.append(self.text(text * math.sqrt(self.config.text_size)))
        parts.append(self.start.expand(given.count, -1))
        return torch.stack(parts, 1)

    def scores(
        self, prefix: Tensor | None, tokens: Tensor, memory: list[Memory] | None = None
    ) -> Tensor:
        """Logits (N, P + L, words) of what follows each element; of the new ones with a memory."""
        x = self.token(tokens) + self.digits(self.spelt[tokens])
        if prefix is not None:
            x = torch.cat([prefix.to(x.dtype), x], 1)
        first = memory[0].used if memory else 0
        here = slice(first, first + x.shape[1])
        aim = self.aim[here]
        x = x + self.row(aim[:, 0]) + self.column(aim[:, 1])
        for number, block in enumerate(self.blocks):
            held = memory[number] if memory else None
            x = block(x, self.query_angles[here], self.key_angles[here], held)
        x = self.norm(x)
        found: Tensor = self.head(x) + self.digits_head(x) @ self.spelt.T
        return found

    # -------------------------------------------------------------------------------- sampling

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = LEARNED
    ) -> Tensor:
        """Clips (N, T, C, H, W) in [-1, 1]; past frames come first, as given.

        ``temperature`` 0 takes the likeliest token each time.
        """
        check_given(self.config, given)
        device = self.start.device
        tokens = torch.empty(given.count, 0, dtype=torch.long, device=device)
        if given.past is not None:
            tokens = self.encode(given.past)
        tokens = self.continued(tokens, given, random, sampling)
        clips = self.tokenizer.decode(tokens, *self.config.grid[1:]).float()
        if given.past is not None:
            clips[:, : given.past.shape[1]] = given.past
        return clips

    def continued(
        self, tokens: Tensor, given: Given, random: torch.Generator, sampling: SampleSettings
    ) -> Tensor:
        """All tokens (N, length) of clips whose first ones are there."""
        guidance = 1.0 if sampling.guidance is None else sampling.guidance
        guided = guidance != 1 and (given.label is not None or given.text is not None)
        prefix = self._prefix(given)
        if guided:
            prefix = torch.cat([prefix, self._prefix(given.bare())])
        room = self.prefix + self.length
        memory = [Memory(room) for _ in self.blocks]
        new = tokens
        start: Tensor | None = prefix
        while tokens.shape[1] < self.length:
            fed = torch.cat([new, new]) if guided else new
            scores = self.scores(start, fed, memory)[:, -1].float()
            if guided:
                heeding, bare = scores.chunk(2)
                scores = bare + guidance * (heeding - bare)
            new, start = self._chosen(scores, random, sampling.temperature)[:, None], None
            tokens = torch.cat([tokens, new], 1)
        return tokens

    def _chosen(self, scores: Tensor, random: torch.Generator, temperature: float | None) -> Tensor:
        """A token for each row of logits."""
        if temperature is not None and temperature < 0:
            raise ModelError(f"temperature {temperature} is below 0; 1 is as learned, 0 likeliest")
        if temperature == 0:
            return scores.argmax(-1)
        if self.config.top and self.config.top < self.words:
            least = scores.topk(self.config.top, -1).values[:, -1:]
            scores = scores.masked_fill(scores < least, -math.inf)
        chances = (scores / (temperature or 1.0)).softmax(-1)
        return torch.multinomial(chances, 1, generator=random)[:, 0]


def _check(config: TransformerConfig) -> None:
    """Raise ModelError where the sizes do not fit each other."""
    if config.height % config.scale or config.width % config.scale:
        raise ModelError(
            f"frames of {config.width}x{config.height} do not divide into tokens of "
            f"{config.scale}x{config.scale} pixels; choose sizes that are multiples of it, or "
            "another scale (2, 4 or 8)"
        )
    head, left = divmod(config.size, config.heads)
    if left or head % 2 or head < 6:
        raise ModelError(
            f"size {config.size} and heads {config.heads} give {config.size / config.heads:g} "
            "numbers a head; accepted is an even whole number of at least 6"
        )
    words = math.prod(config.levels)
    if not config.levels or min(config.levels) < 2 or words > 65536:
        raise ModelError(
            f"levels {config.levels} give {words} tokens; accepted are numbers of at least 2 "
            "whose product is at most 65536"
        )
