"""What customers of the simulated shop say, in four languages. Written for the simulation; no detector reads it."""

from collections.abc import Mapping
from typing import Final

Phrases = Mapping[str, tuple[str, ...]]

QUESTIONS: Final[Phrases] = {
    "en": ("Do you ship to the islands?", "hi, is the blue one back in stock soon?", "when do you open in town?"),
    "pt": ("Vocês entregam no sábado?", "olá, quando volta o modelo azul?", "qual é o horário da loja?"),
    "es": ("¿Hacen envíos a las islas?", "hola, ¿cuándo vuelve el azul?", "¿a qué hora abre la tienda?"),
    "de": ("Liefert ihr auch samstags?", "hallo, wann gibt es das Blaue wieder?", "bis wann hat der Laden auf?"),
}

PRAISE: Final[Phrases] = {
    "en": ("Lovely parcel, thank you so much!", "best service in a long time 😊", "arrived a day early, great work"),
    "pt": ("Chegou antes do prazo, adorei!", "ótimo atendimento, obrigada 😊", "muito bom, recomendo a todos"),
    "es": ("Llegó antes de lo previsto, ¡gracias!", "excelente atención 😊", "todo perfecto, muy contenta"),
    "de": ("Kam einen Tag früher, super!", "sehr nette Beratung, danke 😊", "alles bestens, gerne wieder"),
}

LANGUAGES: Final = tuple(QUESTIONS)
