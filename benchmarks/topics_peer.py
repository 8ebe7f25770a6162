"""BERTopic in a process of its own environment: python topics_peer.py SIZE GIVEN.npz FOUND.npz.

SIZE is the smallest topic, 10 by default of BERTopic. The same vectors as ours are given. Left-overs are
assigned to the nearest topic by BERTopic's own means; the CPU seconds told are those before that.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np


def main() -> None:
    size, given_path, found_path = sys.argv[1:]
    from bertopic import BERTopic
    from umap import UMAP

    given = np.load(given_path)
    texts = [str(text) for text in given["texts"]]
    # BERTopic's own settings of UMAP, with the seed that makes a run one that can be repeated.
    umap = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=42
    )
    model = BERTopic(umap_model=umap, min_topic_size=int(size))
    labels, _ = model.fit_transform(texts, embeddings=given["vectors"])
    cpu = time.process_time()
    raw = np.array(labels)
    if (raw < 0).any() and (raw >= 0).any():
        labels = model.reduce_outliers(texts, labels, strategy="embeddings", embeddings=given["vectors"])
    np.savez(found_path, labels=np.array(labels), raw=raw)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu, "peak_mb": peak}))


if __name__ == "__main__":
    main()
