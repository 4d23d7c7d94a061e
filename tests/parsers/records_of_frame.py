"""Records for readers of counters and sensors, made from columns."""

import pandas as pd


class RecordsOfFrame:
    """Records that are a frame already, ten bytes each."""

    def __init__(self, **columns: list[float]) -> None:
        count = len(next(iter(columns.values())))
        self._frame = pd.DataFrame({"offset": range(0, 10 * count, 10)} | columns)

    def __len__(self) -> int:
        return len(self._frame)

    def to_dataframe(self) -> pd.DataFrame:
        return self._frame
