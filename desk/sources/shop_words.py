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

ANGER: Final[Phrases] = {
    "en": (
        "third delivery that never came, I am done with you",
        "box arrived crushed and the lamp is broken. useless packaging",
        "been on hold for two hours and nobody picks up 😡",
        "wrong size again, and the return costs me money. terrible",
    ),
    "pt": (
        "pedido atrasado há duas semanas e ninguém responde",
        "veio quebrado e ainda cobraram a devolução, que vergonha",
        "péssimo atendimento, nunca mais compro aqui",
        "terceira vez que erram o meu pedido 😡 que descaso",
    ),
    "es": (
        "dos semanas de retraso y nadie contesta el teléfono",
        "llegó roto y no me devuelven el dinero, una vergüenza",
        "pésima atención, no vuelvo a comprar",
        "otra vez el pedido equivocado 😡",
    ),
    "de": (
        "seit zwei Wochen verspätet und niemand geht ans Telefon",
        "kam kaputt an, und die Rücksendung soll ich zahlen. unverschämt",
        "ganz schlechter Service, nie wieder",
        "schon wieder das falsche Paket 😡",
    ),
}

LANGUAGES: Final = tuple(QUESTIONS)
