"""What messages of DJI's apps say of zones and limits that is no event.

That there is none near, that one was left, that a limit was not reached, how far away an airport
is, or that data about zones are up to date.
"""

import re

_EN = (
    r"\bno ((geo|no.?fly|warning|restricted|authori[sz]ation|altitude|flight) ){0,2}zones?\b",
    r"\b(geo )?zones?: none\b",
    r"\bnot (in|near|inside|within) (a |an |any |the )?(\w{1,20}[ -]){0,3}(zone|airport)s?\b",
    r"\b(left|exited|outside|out of) (of )?(a |an |any |the )?(\w{1,20}[ -]){0,3}zones?\b",
    r"\b(geo|fly|flight|zone)( zones?)? (data(base)?|map|list)s?\b[^.!]{0,20}"
    r"\b(updated|up.to.date|downloaded)\b",
    r"\bnearest airport\b[^.!]{0,10}\d",
    r"\b(not|cannot) (yet |be |been ){0,2}(reached|exceeded)\b",
)

_ZH_ZONE = (
    r"([禁限][飞飛航]|限高|警[告示]|授[权權]|[电電]子[围圍][栏欄])([区區]域?|空域)(内|內|附近)?"
)
_ZH_LIMIT = r"(最[大高远遠](飞行|飛行)?(高度|距离|距離|半[径徑])|限[高远遠])"
_ZH = (
    # "Cannot" begins with the same sign as "no".
    rf"(不[在处處]于?於?|没有|沒有|[无無](?![法])|[离離][开開])(任何|附近的?|GEO){{0,2}}{_ZH_ZONE}",
    rf"(GEO|{_ZH_ZONE})(数据|數據|資料|地图|地圖)[库庫]?[^。]{{0,10}}"
    r"(已更新|更新成功|更新完成|最新|已下[载載])",
    r"最近的?(机场|機場)[^。]{0,10}\d",
    rf"([未没沒]有?(达到|達到|到达|到達|超过|超過)|接近){_ZH_LIMIT}",
    rf"{_ZH_LIMIT}[^。,]{{0,6}}[未没沒]有?(达到|達到|超过|超過)",
)

_DE_ZONE = r"(geo[ -]?)?(\w{0,25}zonen?|sperrgebiete?s?|flugverbote?s?|flughafens?)\b"
_DE_OF = r"(eine[rs]? |eines |der |des |von )?"
_DE = (
    rf"\bkeine[rn]? {_DE_ZONE}",
    rf"\b(nicht (in|innerhalb|nahe|in der nähe)|außerhalb) {_DE_OF}{_DE_ZONE}",
    rf"\b{_DE_ZONE} (wurde )?verlassen\b",
    r"\b(geo[ -]?)?\w{0,25}zonen?[ -]?(daten(bank)?|karten?|listen?)\b[^.!]{0,25}"
    r"\b(aktualisiert|aktuell|heruntergeladen)\b",
    r"\bnächste[rs]? (flughafen|flugplatz)\b[^.!]{0,10}\d",
    r"\bmaximaler? \w{0,30}(höhe|distanz|entfernung|radius)\b[^.!]{0,10} (noch )?nicht"
    r" (erreicht|überschritten)\b",
)

_FR_ZONE = (
    r"zones? (GEO|interdites?|restreintes?|réglementées?|(d['\u2019]|de )?(interdiction|exclusion"
    r"|avertissement|alerte|autorisation|altitude|restriction))( de vol| au vol)?"
)
_FR_THE = r"(une |la |l['\u2019])?"
_FR = (
    rf"\baucune {_FR_ZONE}",
    rf"\bpas (dans|en|à proximité de|près de) {_FR_THE}{_FR_ZONE}",
    r"\bpas (près|à proximité) d['\u2019]un aéroport\b",
    rf"\b(quitté|sortie? de|hors de|en dehors de) {_FR_THE}{_FR_ZONE}",
    rf"\b(base de données|données|carte|liste)\b[^.!]{{0,15}}({_FR_ZONE}|zones?)[^.!]{{0,15}}"
    r"\b(à jour|téléchargée?s?)\b",
    r"\baéroport le plus proche\b[^.!]{0,10}\d",
    r"\b(altitude|hauteur|distance|rayon) (de vol )?max\w{0,10} (n['\u2019](est|a) )?"
    r"(pas |non )(encore )?(été )?(atteinte?|dépassée?)\b",
    r"\bapproche de (la |l['\u2019])(altitude|hauteur|distance) (de vol )?max\w{0,10}",
)

_JA_ZONE = r"(飛行)?(禁止|制限|警告|承認|高度)(飛行)?(区域|エリア|ゾーン)"
_JA = (
    rf"{_JA_ZONE}(の外|外|から出|から離れ|を離れ|を出)",
    rf"{_JA_ZONE}(内|の?付近|の?近く)?(に|では?|は|が){{0,2}}(ありません|なし|いません|見つかりません)",
    rf"(GEO|{_JA_ZONE})の?(データ(ベース)?|マップ|地図)[^。]{{0,10}}"
    r"(更新され|更新しました|更新完了|最新|ダウンロードされ)",
    r"最寄りの?空港[^。]{0,10}\d",
    r"最[大高](飛行)?(高度|距離|半径)に(まだ)?(達していません|到達していません|近づい)",
)

#: Words by which a message denies an event, in the languages of which words are read.
DENIALS = re.compile("|".join((*_EN, *_ZH, *_DE, *_FR, *_JA)), re.IGNORECASE)
