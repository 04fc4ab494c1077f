"""The words of English that :mod:`smartcut.eliding.rules` goes by."""

from smartcut.eliding.rules import SenseWords

_NUMBER = (
    r"\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|billion|half|"
    r"(?:a|one|two|three) (?:third|quarter|fifth|tenth)s?|dozens?"
)
_IRREGULAR = (
    "was|were|had|did|went|came|saw|took|gave|got|made|knew|said|told|thought|stood|sat|ran|"
    "won|lost|met|wrote|sold|bought|brought|built|found|felt|kept|left|held|led|paid|spoke|"
    "slept|ate|drank|drove|flew|fell|grew|rose|sang|spent|sent|began|broke|chose|fought|heard|"
    "became|taught|threw|wore|woke"
)
_PRONOUN = "i|you|he|she|it|we|they|there|this|one"
_SAYING = (
    "say|says|said|saying|tell|tells|told|claim|claims|claimed|argue|argues|argued|insist|"
    "insists|insisted|warn|warns|warned|allege|alleges|alleged|assert|asserts|asserted|"
    "maintain|maintains|maintained|write|writes|wrote|written|report|reports|reported|"
    "announce|announces|announced|predict|predicts|predicted|promise|promises|promised|swear|"
    "swears|swore|testify|testifies|testified|think|thinks|thought|believe|believes|believed|"
    "suppose|supposes|supposed|suspect|suspects|suspected|assume|assumes|assumed|hope|hopes|"
    "hoped|fear|fears|feared|wish|wishes|wished|doubt|doubts|doubted|guess|guessed|dream|"
    "dreamed|pretend|pretends|pretended|imagine|imagines|imagined|suggest|suggests|suggested|"
    "deny|denies|denied|convinced|afraid|feel|feels|felt|complain|complains|complained"
)
_TO = (
    "used|tried|trying|failed|failing|refused|refuses|refuse|wanted|wants|want|hoped|hopes|planned|"
    "plans|promised|promises|threatened|pretended|pretends|attempted|offered|declined|expected|"
    "supposed|going|about|forgot|yet|unable|unwilling|reluctant|seems?|appears?|ought|likely"
)

WORDS = SenseWords(
    negation=(
        r"not(?! only)|never|none|nobody|nothing|nowhere|neither|nor|cannot|\w+n't|hardly|barely|"
        r"scarcely|rarely|seldom|no longer|failed to|refuse[sd]? to|denied|denies|deny|far from|"
        r"anything but|isnt|dont|cant|wont|wasnt|didnt|yet to"
    ),
    no_word="no(?! (?:fewer|less|doubt|wonder|matter))",
    condition=(
        "if|unless|provided|providing|assuming|otherwise|in case|in the event|as long as|"
        "so long as|as soon as|on condition|whenever|wherever|depending|depends|except|excepting|"
        "excluding|barring|pending|only when|only after|only if|even if|subject to|were it|"
        "given that|suppose|imagine|hypothetically|in theory|"
        "the (?:moment|minute|day|instant)(?= \\w+ \\w+)|(?:every|each|any) time(?= \\w+ \\w+)"
    ),
    in_the_past="when|until|till|before|after|once|while|without",
    past=rf"{_IRREGULAR}|\w{{2,}}ed",
    knowing="(?:knew|know|learned|learnt|understood|realised|realized|found out|was told|heard)",
    inversion=(
        r"(?:should|had|were) (?:i|you|he|she|it|we|they|the|a|an|this|that|my|our|his|her)"
    ),
    qualification=(
        "but|however|although|though|even though|only|maybe|perhaps|possibly|probably|presumably|"
        "sometimes|occasionally|often|usually|generally|mostly|typically|partly|partially|"
        "at least|at most|up to|so far|for now|for the (?:moment|time being|present)|as yet|"
        "until further notice|temporarily|unlikely|in part|in principle|to some extent|"
        "in some cases|technically|theoretically|officially|supposedly|allegedly|apparently|"
        "kind of|sort of|despite|besides|apart from|aside from|other than|used to|tried to|"
        "on paper|back then|at (?:that|the) time|in those days|initially|at first|"
        "in the beginning|last (?:year|season|month|week|summer|winter|spring|autumn)|"
        "jokingly|joking|with a smile|"
        "(?:in|for|among|by|of) (?:some|most|many|few|a few|half|certain|several)|or so|or rather"
    ),
    before_word=(
        "almost|nearly|virtually|practically|some|most|many|few|a few|several|half|certain|might|"
        "may|could|would|should|seems?|appears?|likely|former|formerly|ex|alleged|suspected|"
        "accused|so-called|supposed|supposedly|potential|potentially|possible|proposed|planned|"
        "intended|draft|attempted|fake|false|would-be|self-proclaimed|unconfirmed|preliminary|"
        "provisional|interim|small|slight|minor|tiny|low|remote|rare|mild|partial|limited|"
        "relative|relatively|somewhat|fairly|rather|temporary|apparent|apparently|so far|yet|"
        rf"(?:might|may|could|would|should) (?:well |also )?(?:be|have)|(?:{_TO}) to(?: have| be)?|"
        r"(?:accused|suspected|capable|afraid|in danger) of(?: having| being)?"
    ),
    before_number=(
        "about|around|roughly|approximately|some|under|over|at least|at most|up to|almost|nearly|"
        "(?:more|less|fewer) than"
    ),
    number=_NUMBER,
    share=rf"(?:{_NUMBER}|some|most|few|many)(?: \w+)? (?:of (?:its|the|their|our|his|her|all|"
    rf"these|those)|out of|in (?:{_NUMBER})|percent of|per cent of)",
    universal=(
        r"all|any|anyone|anybody|anything|everyone|everybody|everything|nobody|always|never|only|"
        r"every(?! (?:day|morning|evening|night|week|month|year|summer|winter|time|\w+day))|best|"
        r"worst|most|least|(?!(?:west|east|guest|rest|test|forest|interest|honest|nest|request|"
        r"protest|contest|harvest|modest|priest|arrest|chest|quest|invest|suggest|breast)\b)\w{3,}est|first|people|those"
    ),
    limits=(
        r"that|who|whose|in|of|over|among|for|at|on|outside|within|under|since|during|between|"
        r"this|with|below|above"
    ),
    of_kinds=(
        r"(?:in|among|for) (?!(?:the|a|an|my|your|his|her|its|our|their|this|that|these|"
        r"those|front|order|spite|total|advance|english|german|french)\b)\w+"
    ),
    complement=(
        r"to (?!(?:the|a|an|my|your|his|her|its|our|their|this|that|me|you|him|us|them)\b)\w+"
    ),
    adjective=r"(?:am|is|are|was|were|be|been|being) (?:\w+ )?\w+",
    attribution=(
        "said|says|saying|claims?|claimed|according to|argues?|argued|told|reportedly|rumou?rs?|"
        "they say|people say|i think|i believe|i guess|i suppose|in my opinion|in my view|"
        "as far as i know|critics|opponents|he thinks|she thinks|they think|believes?|believed|"
        "suggests?|suggested|quote"
    ),
    says_that=rf"(?:{_SAYING})|\w+ (?:that|whether)(?: (?:{_PRONOUN}))?"
    r"(?: (?:had|has|have|was|were|is|are|would|will))?",
    is_known=(
        "knows?|knew|glad|happy|sorry|proud|remembers?|remembered|forget|notice|noticed|sees?|saw|"
        "fact|shows?|showed|proves?|proved|of course|certain|sure|clear|obvious|true"
    ),
    new_clause=r"and|or|who|where|so that|(?:\w+ of )?(?:which|whom)",
    own_subject=rf"(?:{_PRONOUN}) \w+|(?:as|like|than) \w+ \w+|\w+er than",
    takes_back=(
        "but|however|although|though|unless|except|only|that said|still|yet|then again|at least|"
        "nevertheless|nonetheless|not that|not really|just kidding|i was|no|of course not|if|"
        "provided|otherwise|or so|well (?:almost|not|every\\w+ but|all but)"
    ),
    takes_back_by_condition="if|unless|provided|otherwise",
    takes_back_later=(
        "however|nevertheless|nonetheless|on the other hand|then again|all the same|even so"
    ),
    frames=(
        "suppose|imagine|let's say|pretend|some people (?:say|think)|critics (?:say|claim)|"
        r"they say|my opponents?|the myth|it is (?:not|un\w+)|it's not|nobody"
    ),
    follows=(
        "yes|yeah|no|nope|exactly|absolutely|of course|certainly|definitely|so|therefore|thus|"
        "hence|because|as a result|that's why|that is why|for that reason"
    ),
    answers=(
        "(?:well |oh |um )?(?:yes|yeah|no|nope|never|not|only|exactly|absolutely|of course|"
        "certainly|definitely|hardly|rarely|sometimes|i do|i don't|i did|i didn't|i am|i'm)"
    ),
    common=(
        "the|of|and|to|a|in|is|that|it|was|for|on|are|as|with|his|they|at|be|this|from|i|have|or|by|"
        "one|had|not|but|what|all|were|when|we|there|can|an|your|which|their|if|do|will|how|about|"
        "up|out|them|then|she|many|some|so|these|would|into|has|more|her|him|see|could|no|my|than|"
        "been|who|its|now|did|get|you|he|me|our|us|don't|it's|i'm|very|just"
    ),
)
