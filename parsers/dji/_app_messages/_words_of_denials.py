# ruff: noqa: RUF001 (the letters of Russian are what its messages are written with)
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

_ES_ZONE = (
    r"zonas? (GEO|restringidas?|prohibidas?|de (exclusión|no vuelo|advertencia|autorización|altitud"
    r"|restricción))( aérea)?"
)
_ES = (
    rf"\b(ningun[ao]|no hay|sin) {_ES_ZONE}",
    rf"\b(no está|fuera|salió|salido) (en|de) (una |la )?{_ES_ZONE}",
    r"\b(datos|mapa|lista) de (las )?zonas[^.!]{0,20}\b(actualizad[oa]s?|descargad[oa]s?)\b",
    r"\baeropuerto más cercano\b[^.!]{0,10}\d",
    r"\b(altitud|altura|distancia|radio) (de vuelo )?máxim[ao] (aún |todavía )?no alcanzad[ao]\b",
)

_IT_ZONE = (
    r"zon[ae] (GEO|vietat[ae]|interdett[ae]|limitat[ae]|no.?fly|di \w{1,20}|soggett[ae] a \w{1,20})"
)
_IT = (
    rf"\b(nessuna|non ci sono) {_IT_ZONE}",
    rf"\b(non (è|sei) in|fuori da(lla)?|lasciato|uscit[oa] da(lla)?) (una |la )?{_IT_ZONE}",
    r"\b(dati|mappa|elenco) delle zone[^.!]{0,20}\b(aggiornat[aoie]|scaricat[aoie])\b",
    r"\baeroporto più vicino\b[^.!]{0,10}\d",
    r"\b(altitudine|altezza|quota|distanza"
    r"|raggio) (di volo )?massim[ao] non (ancora )?raggiunt[ao]\b",
)

_PT_ZONE = (
    r"zonas? (GEO|restritas?|proibidas?|de (exclusão|aviso|alerta|autorização|altitude))( aérea)?"
)
_PT = (
    rf"\b(nenhuma|não há|sem) {_PT_ZONE}",
    rf"\b(não está em|fora de|saiu de|saiu da) (uma |a )?{_PT_ZONE}",
    r"\b(dados|mapa|lista) (de|das) zonas[^.!]{0,20}\b(atualizad[oa]s?|baixad[oa]s?"
    r"|transferid[oa]s?)\b",
    r"\baeroporto mais próximo\b[^.!]{0,10}\d",
    r"\b(altitude|altura|distância|raio) (de voo )?máxim[ao] (de voo )?(ainda )?não (foi )?"
    r"(atingid|alcançad)[ao]\b",
)

_NL_ZONE = r"(geo[- ]?|verboden |beperkte |no.?fly.?)?(\w{0,20}zones?|vliegverbod\w{0,10})\b"
_NL = (
    rf"\bgeen {_NL_ZONE}",
    rf"\b(niet in|buiten) (een |de )?{_NL_ZONE}",
    rf"\b{_NL_ZONE} verlaten\b",
    r"zone[- ]?(gegevens|database|kaart|lijst)\b[^.!]{0,20}\b(bijgewerkt|gedownload|actueel)\b",
    r"\bdichtstbijzijnde (luchthaven|vliegveld)\b[^.!]{0,10}\d",
    r"\bmaximale (vlieg)?(hoogte|afstand)\b[^.!]{0,10} (nog )?niet (bereikt|overschreden)\b",
)

_PL = (
    r"\b(brak|nie ma) stref\w{0,2}( (GEO|zakazu lotów|zakazanych|ograniczonych))?",
    r"\b(poza|opuszczono|opuścił) stref\w{1,2}( (zakazu lotów|\w{1,20}))?",
    r"\bstref\b[^.!]{0,10}\b(zaktualizowan|pobran)\w{1,2}\b",
    r"\bnajbliższe lotnisko\b[^.!]{0,10}\d",
    r"\bmaksymaln\w{1,2} (wysokość|odległość)\b[^.!]{0,10}nie (została )?(osiągnięta"
    r"|przekroczona)\b",
)

_RU = (
    r"\b(нет|вне|покинул\w?|покинута) (поблизости )?((бесполётн|бесполетн|запретн"
    r"|ограниченн)\w{1,3} )?"
    r"зон\w{0,2}( (запр[её]та( полётов| полетов)?|ограничени\w{1,2}|предупреждени\w|GEO))?",
    r"\bданные (о |об )?\w{0,15} ?зон\w{0,3}[^.!]{0,15}\b(обновлен|загружен)\w{0,2}\b",
    r"\bближайш\w{1,3} (аэропорт|аэродром)\w{0,3}\b[^.!]{0,10}\d",
    r"\bмаксимальн\w{1,3} (высот|расстояни|дальност)\w{1,2}\b[^.!]{0,10}не (достигнут"
    r"|превышен)\w{0,2}\b",
)

_KO_ZONE = r"(비행 ?)?(금지|제한|경고|인증|승인|고도) ?(구역|지역|영역)"
_KO = (
    rf"{_KO_ZONE}(이|은|는)? ?(없|아닙|아님)",
    rf"{_KO_ZONE}(을|에서|의)? ?(벗어|이탈|밖|외부)",
    rf"(GEO|{_KO_ZONE}) ?(데이터(베이스)?|지도)[^.!]{{0,10}}"
    r"((업데이트|다운로드)(되|했|완료)|최신)",
    r"가장 가까운 공항[^.!]{0,10}\d",
    r"최대 ?(비행 ?)?(고도|거리|반경)에? ?(아직 )?(도달하지|접근)",
)

#: Words by which a message denies an event, in the languages of which words are read.
DENIALS = re.compile(
    "|".join((*_EN, *_ZH, *_DE, *_FR, *_JA, *_ES, *_IT, *_PT, *_NL, *_PL, *_RU, *_KO)),
    re.IGNORECASE,
)
