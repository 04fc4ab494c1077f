"""Sections of talks on different subjects, as people speak: none was looked at for the method."""

from __future__ import annotations

import re

_TEXTS = {
    "coffee": """
        So, coffee. Most of what goes wrong happens before the water even boils. If the beans
        were roasted half a year ago, no machine will save you. Grind them right before you
        brew, because the aroma is gone within minutes. A burr grinder gives you even particles,
        and a blade gives you dust and boulders. Water should be just off the boil, around
        ninety-three degrees. I use sixty grams of coffee for each litre, and I weigh it. Does
        that sound fussy? It takes ten seconds. When the cup tastes sour, grind finer; when it
        is bitter, grind coarser. That is really the whole secret of espresso as well.""",
    "knots": """
        The first knot that every sailor learns is the bowline. You make a small loop, and the
        end comes up through it, around behind, and down again. It holds under load, and you can
        always untie it afterwards. The clove hitch is quicker, but it slips when the rope is
        wet. For joining two ropes of different thickness there is the sheet bend. Never use a
        reef knot for that, people have died from it. Practise with a short piece of line while
        you watch television. After a week your hands will know it without you.""",
    "printing": """
        Before Gutenberg, a book was worth as much as a small farm. Monks copied them by hand,
        and a Bible took more than a year. His real invention was the mould in which metal
        letters were cast. Every letter came out at exactly the same height, so the page printed
        evenly. Within fifty years there were presses in two hundred towns. Pamphlets spread
        faster than any authority could burn them. Luther's theses were all over Germany in two
        weeks. You could say that the newspaper and the novel both began in that workshop in
        Mainz.""",
    "sleep": """
        Why do we sleep at all? An animal that sleeps cannot eat, and it can be eaten. And yet
        every species that we have studied does it. In deep sleep the brain is rinsed, quite
        literally, by the fluid around it. Memories of the day are replayed, and some of them
        are kept. Teenagers fall asleep later because their hormones shift, it is not laziness.
        A nap of twenty minutes helps; a nap of an hour leaves you groggy. Blue light from your
        phone tells the brain that it is noon. If you take one thing home tonight, keep a
        regular bedtime.""",
    "bees": """
        A hive in summer has about fifty thousand bees, and nearly all of them are sisters. The
        queen lays up to two thousand eggs a day. A worker begins as a cleaner, becomes a nurse,
        and only flies out in her last three weeks. When she finds a field of clover she comes
        home and dances. The angle of the dance tells the direction, measured from the sun. Its
        length tells how far it is. Beekeepers worry most about a mite called varroa. It came
        from Asia, and our bees have no defence against it. Leave a corner of your garden wild,
        that helps them more than a hive would.""",
    "mortgage": """
        Let us talk about the mortgage, which is the largest contract that most of you will ever
        sign. The rate in the advertisement is not the rate that you pay. Look for the annual
        percentage, which includes the fees. With a fixed rate you know your payment for ten
        years, and you pay a little extra for that. A variable rate is cheaper until it is not.
        Put down twenty percent if you can, because below that the bank asks for insurance.
        Early on, nearly all of your payment is interest. Paying back a small sum in the first
        years saves a surprising amount later. And never borrow the maximum that they offer you.""",
    "glacier": """
        This valley was carved by ice, and you can read it in the rock. A river cuts a valley
        like a V, but a glacier grinds it into a U. The scratches on this boulder all point the
        same way, and that is the way the ice was moving. The lake behind us is dammed by a
        moraine, a heap of rubble that the glacier pushed ahead. Twenty thousand years ago the
        ice here was a kilometre thick. The land is still rising today, a centimetre every year,
        because that weight is gone. In my lifetime the tongue of this glacier has gone back by
        two kilometres. My students draw a line on the map each summer, and it never moves
        forward.""",
    "chess": """
        People believe that a chess master calculates twenty moves ahead. Mostly he does not. He
        looks at a position and recognises it, as you recognise a face. In one famous experiment
        masters saw a board for five seconds and rebuilt it nearly without mistakes. But when
        the pieces were placed at random, they were no better than beginners. So what they have
        is not memory, it is patterns. Openings can be learned by heart, but endgames have to be
        understood. If you want to improve, play slowly, and look at your lost games afterwards.
        The computer will tell you where you went wrong, but only you can find out why.""",
    "vaccine": """
        A vaccine shows your immune system a picture of the enemy before the enemy arrives. The
        old way was to grow the virus in eggs and to kill it. With messenger RNA, the cell is
        only handed a recipe for one protein. The body makes that protein, notices that it is
        foreign, and builds antibodies. After some days the recipe falls apart. In the trial,
        forty thousand people got either the shot or salt water. Nobody knew who had which, not
        even the doctors. A sore arm and a day of fever are the immune system at work. Smallpox
        killed three hundred million people in the last century, and today it is gone.""",
    "concrete": """
        Concrete is the material that we use most, after water. It is sand, gravel, cement and
        water, and each of them matters. It does not dry, it hardens: crystals of lime grow into
        each other. That goes on for years, which is why old harbours are so strong. Concrete
        takes pressure very well, but it tears like a biscuit. So we put bars of steel where it
        is pulled. When water reaches the steel it rusts, and rust needs more room than iron.
        Then the surface cracks off, you have all seen that on bridges. Making cement gives off
        a lot of carbon dioxide, about eight percent of the whole world's. Builders are trying
        ashes and clay to bring that down.""",
    "photography": """
        With portraits, I always look at the light before I look at the face. Put your subject
        beside a window, and turn off the lamps in the room. A long lens flatters, a wide one
        makes the nose bigger. Focus on the eye that is nearer to you. If you open the aperture,
        the background melts away. But then one eye may be sharp and the other not, so take
        several frames. Talk to people while you shoot, or they will stare at you like a
        passport. The best picture is often the one just after you said that you are done. And
        please, do not smooth the skin until it looks like plastic.""",
    "parliament": """
        A bill has to pass both chambers before it becomes law. First it goes to a committee,
        where the real work is done. Members hear experts there, and change the text line by
        line. Then there are three readings in the full house. The opposition may propose
        amendments, and usually they lose. When the two chambers do not agree, a joint committee
        looks for a compromise. The president signs it at the end, and can only refuse for
        formal reasons. All of this takes about half a year, unless everybody is in a hurry.
        Visitors may watch from the gallery, but they may not applaud.""",
    "marathon": """
        You do not train for a marathon by running marathons. Four times a week is enough, and
        three of those runs should be easy. Easy means that you can talk in whole sentences. On
        Sundays you go long, and add two kilometres each week. Every fourth week you do less, so
        that your legs recover. New shoes belong on your feet a month before the race, not on
        the morning. At thirty kilometres your muscles run out of sugar, and that is what
        runners call the wall. So eat during the race, and practise that as well. On the last
        day before, sleep, drink, and stay off your feet.""",
    "roman": """
        A Roman road was built to last, and many of them have. The soldiers dug a trench, filled
        it with stones, then gravel, then paving slabs. They ran straight over the hills,
        because carts had no way to steer well. Every mile had a stone, with the distance to the
        next city. A courier of the emperor could ride eighty kilometres in a day. Inns stood
        along the way, and some of them had a very bad name. In Britain you can still see the
        lines on the map today. The legions needed those roads, but merchants used them far
        more. Olive oil went north, and tin and dogs came south.""",
}


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.?!]+[.?!]", " ".join(text.split()))


#: Each section's sentences, in order.
SECTIONS: dict[str, list[str]] = {
    name: [sentence.strip() for sentence in _sentences(text)] for name, text in _TEXTS.items()
}
