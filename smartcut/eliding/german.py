"""The words of German that :mod:`smartcut.eliding.rules` goes by."""

from smartcut.eliding.rules import SenseWords

_NUMBER = (
    r"\d[\d.,]*|ein|eine[rmns]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|\w+zehn|"
    r"\w+zig|\w*hundert|\w*tausend|millionen?|dutzend"
)
_SAYING = (
    "sagt|sagte|sagen|behauptet|behaupten|behauptete|meint|meinte|meinen|glaubt|glauben|glaubte|"
    "denkt|denken|dachte|warnt|warnte|schreibt|schrieb|hofft|hoffte|fürchtet|fürchtete|vermutet|"
    "bezweifelt|versichert|leugnet|bestreitet|gehört"
)

WORDS = SenseWords(
    negation=(
        "nicht(?! nur)|nie|niemals|nichts|niemand|nirgends|weder|kaum|selten|keineswegs|"
        "abgelehnt|lehnte|weigert|weigerte|geweigert"
    ),
    no_word="kein|keine|keinen|keinem|keiner|keines",
    condition=(
        "wenn|falls|sofern|solange|sobald|außer|es sei denn|unter der bedingung|"
        "ansonsten|sonst|vorausgesetzt|angenommen|abgesehen von|je nachdem|vorbehaltlich"
    ),
    in_the_past="bis|bevor|nachdem|während|ohne",
    past=(
        r"war|waren|hatte|hatten|wurde|wurden|ging|kam|sah|nahm|gab|stand|sind \w+|haben \w+|\w+te"
    ),
    knowing="wusste|wussten|erfuhr|erfahren|verstand|verstanden",
    inversion="(?:hätte|hätten|wäre|wären|sollte|sollten) (?:ich|du|er|sie|es|wir|der|die|das)",
    qualification=(
        "aber|jedoch|allerdings|obwohl|obgleich|nur|vielleicht|möglicherweise|wahrscheinlich|"
        "vermutlich|manchmal|oft|meist|meistens|teilweise|zum teil|mindestens|höchstens|bisher|"
        "vorerst|vorläufig|zurzeit|im moment|derzeit|zunächst|trotz|angeblich|früher|damals|"
        "anfangs|im prinzip|in der theorie|auf dem papier|scheinbar|eigentlich|"
        "letzte[ns]? (?:jahr|saison|monat|woche|sommer|winter)|"
        "(?:in|für|bei|von|unter) (?:einigen|manchen|vielen|wenigen|den meisten)|"
        "den meisten|einigen|manchen"
    ),
    before_word=(
        "fast|beinahe|nahezu|einige|manche|viele|wenige|die meisten|könnte|könnten|würde|"
        "scheint|ehemaliger?|ehemaligen|früherer?|sogenannter?|sogenannten|mutmaßlicher?|"
        "mutmaßlichen|angeblicher?|angeblichen|geplanter?|geplanten|möglicher?|möglichen|kleine|"
        "kleines|geringe|geringes|noch|halb|so gut wie"
    ),
    before_number="etwa|ungefähr|rund|fast|beinahe|mindestens|höchstens|bis zu|über|unter",
    number=_NUMBER,
    share=rf"(?:{_NUMBER}) (?:von|der|aus) (?:{_NUMBER}|den|allen|ihren|seinen|unseren)|"
    rf"(?:{_NUMBER}) prozent der",
    universal=(
        r"alle|allen|alles|jeder|jede|jedes|jeden(?! (?:tag|morgen|abend))|niemand|immer|nie|"
        r"einzige[rns]?|beste[rns]?|erste[rns]?|größte[rns]?|höchste[rns]?|schnellste[rns]?|"
        r"schlimmste[rns]?|am \w{3,}sten|meisten|leute"
    ),
    limits="die|der|das|den|in|im|unter|bei|für|auf|seit|außerhalb|innerhalb|zwischen|über|mit",
    of_kinds=(
        r"(?:bei|für|unter) (?!(?:de[rnm]|die|das|ein\w*|mein\w*|sein\w*|ihr\w*|unser\w*)\b)\w+"
    ),
    complement=r"zu \w+en",
    adjective=r"(?:bin|ist|sind|war|waren|sei|wäre) (?:\w+ )?\w+",
    attribution=(
        "sagte|sagt|behauptet|behauptete|laut|angeblich|ich glaube|ich denke|"
        "meiner meinung nach|kritiker|gegner|glaubt|meint|meinte"
    ),
    says_that=rf"(?:{_SAYING})|\w+ (?:dass|daß|ob)(?: (?:ich|du|er|sie|es|wir|man))?",
    is_known="weiß|wissen|wusste|froh|stolz|leid|tatsache|zeigt|beweist|natürlich|klar",
    new_clause="und|oder|der|die|das|wo|wobei|de(?:ssen|ren)",
    own_subject=r"(?:ich|du|er|sie|es|wir|man) \w+|als \w+ \w+|wie \w+ \w+",
    takes_back=(
        "aber|jedoch|allerdings|nur|es sei denn|außer|wenn|falls|nein|trotzdem|dennoch|obwohl|"
        "sonst|nicht dass|natürlich nicht|na ja"
    ),
    takes_back_by_condition="wenn|falls|es sei denn|sonst",
    takes_back_later="jedoch|allerdings|trotzdem|dennoch|andererseits",
    frames="angenommen|stellen sie sich|stell dir|kritiker (?:sagen|behaupten)|es heißt|niemand",
    follows="ja|nein|genau|natürlich|deshalb|darum|also|weil|deswegen|folglich",
    answers=(
        "(?:nun |na |also )?(?:ja|nein|nie|niemals|nicht|nur|genau|natürlich|kaum|selten|"
        "manchmal|doch)"
    ),
    common=(
        "der|die|das|und|ist|in|zu|den|von|mit|sich|des|auf|für|im|dem|nicht|ein|eine|als|auch|es|"
        "an|werden|aus|er|hat|dass|sie|nach|wird|bei|einer|um|am|sind|noch|wie|einem|über|einen|so|"
        "zum|war|haben|nur|oder|aber|vor|zur|bis|mehr|durch|man|sein|wurde|ich|du|wir|ihr|mein|"
        "mir|mich|uns|was|wenn|kein|keine|hier|da|dann|schon|sehr|ja|nein|doch|kann|diese|dieser"
    ),
)
