"""Whether a metric of a customer or an entity behaves as it never did.

Each file holds one idea, online, with its memory as numbers: what has not been seen (`novelty`), the same hour of the
days before (`same_hour`), a long-run distribution of its own (`tail`), the level (`level`), all of them for one metric
(`senses`), what they say together (`mixing`), and when to be silent after having spoken (`habituation`).
"""
