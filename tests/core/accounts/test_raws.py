"""Raw cells: columns of numbered words in one piece, whatever their numbers were written in."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core.accounts import raws


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.int16(), pa.int32()])
def test_words_that_were_numbered_piece_by_piece_get_one_numbering(kind: pa.DataType) -> None:
    pieces = [pa.array([f"{piece} {n % 100}" for n in range(150)] + [None]) for piece in range(3)]
    coded = [piece.dictionary_encode().cast(pa.dictionary(kind, pa.string())) for piece in pieces]
    found = raws.whole(pa.chunked_array(coded))
    assert len(found.dictionary) == 300
    assert raws.decoded(found).equals(pa.concat_arrays(pieces))


def test_a_column_without_a_piece_is_empty() -> None:
    assert raws.whole(pa.chunked_array([], pa.string())).equals(pa.array([], pa.string()))


@pytest.mark.parametrize(
    "column", [pa.chunked_array([[], [1, None, 3]], pa.int64()), pa.chunked_array([[1, 2], [None]], pa.int64())]
)
def test_a_piece_that_is_a_column_of_its_own_is_not_copied(column: pa.ChunkedArray) -> None:
    found = raws.whole(column)
    assert found.to_pylist() == column.to_pylist()
    alone = [piece for piece in column.chunks if len(piece)]
    assert (found.buffers()[1].address == alone[0].buffers()[1].address) == (len(alone) == 1)


def test_a_piece_from_the_middle_begins_where_its_buffers_do() -> None:
    found = raws.whole(pa.chunked_array([pa.array(["a", None, "c", "d"]).slice(1)]))
    assert (found.offset, found.to_pylist()) == (0, [None, "c", "d"])
