"""What the tests ask the service to score."""

import httpx2

from tests.samples import clean_rows


def send_traffic(service: str) -> None:
    """Have normal, anomalous and invalid samples scored, in silence by another version too, and an alarm raised and cleared."""
    shadow = httpx2.post(f"{service}/models/pump/shadow", json={"version": 1})
    assert shadow.status_code == 200, shadow.text
    normal = clean_rows(20).tolist()
    anomalous = [[8.0, 1e5, 45.0, 11.0]]
    invalid = [[None, 120.0, 45.0, 11.0], [8.0, 120.0, 4500.0, 11.0]]
    answer = httpx2.post(f"{service}/score", json={"samples": normal + anomalous + invalid})
    assert answer.status_code == 200, answer.text
    rows = httpx2.post(f"{service}/streams/line-3/rows", json={"rows": normal[:3] + anomalous + normal[:3]})
    assert rows.status_code == 200, rows.text
