# ruff: noqa: RUF001 (the letters of Russian are what its messages are written with)
"""Words by which messages of DJI's apps tell events, in the languages that are read."""

from collections.abc import Mapping
from types import MappingProxyType

#: Kind of event -> language -> words by which a message tells it; the first kind that matches.
EVENT_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "geofence.warning": {
            # ``GEO:`` opens DJI's own messages.
            "en": r"\bGEO\b|no.?fly|\brestricted\b(?! to \d{1,6} ?(fps|[kmg]?bps|[kmg]b|%))"
            r"|authori[sz]ation zone|warning zone|altitude zone"
            r"|geo.?fence|\bNFZ\b|flight zone|airport|custom unlock",
            "zh": r"[禁限][飞飛]|禁航|限高[区區]|警[告示][区區]|授[权權][区區]|[电電]子[围圍][栏欄]"
            r"|机场|機場",
            "de": r"flugverbot|flugbeschränkung|sperrzone|sperrgebiet|warnzone|autorisierungszone"
            r"|höhen(beschränkungs)?zone|geo.?zone|flughafen|flugplatz",
            "fr": r"zones? (interdite|restreinte|réglementée|(d['\u2019]|de )?(interdiction"
            r"|exclusion|avertissement|alerte|autorisation|altitude|restriction))"
            r"|interdi\w{0,30} de vol"
            r"|vol\w{0,30} (est |sont )?interdit|zone (de vol|GEO)|aéroport",
            "ja": r"飛行(禁止|制限)|(禁止|制限|警告|承認|高度)(区域|エリア|ゾーン)"
            r"|ジオフェンス|空港",
            "es": r"zonas? (GEO|restringidas?|limitadas?|prohibidas?|(de )?(exclusión|no vuelo"
            r"|advertencia"
            r"|alerta|autorización|altitud|restricción))|prohibido (el vuelo|volar)"
            r"|vuelo (está )?prohibido|aeropuerto|aeródromo",
            "it": r"zon[ae] (GEO|interdett[ae]|vietat[ae]|proibit[ae]|limitat[ae]|riservat[ae]"
            r"|no.?fly"
            r"|(di |con |soggett[ae] a )?(volo vietat[ao]|non volo|divieto|restrizion[ei]|avviso"
            r"|avvertimento|autorizzazione|altitudine))|volo (è )?(vietato|proibito|interdetto)"
            r"|aeroporto",
            "pt": r"zonas? (GEO|restritas?|proibidas?|interditas?|(de )?(exclusão|voo proibido"
            r"|aviso"
            r"|alerta|advertência|autorização|altitude|restrição))|voo (é |está )?proibido"
            r"|aeroporto"
            r"|aeródromo",
            "nl": r"vliegverbod|no.?fly.?zone|(verboden|beperkte|geo)[- ]?zone|(waarschuwings"
            r"|autorisatie"
            r"|hoogte)zone|luchthaven|vliegveld",
            "pl": r"stref\w{1,2} (GEO|zakazu|zakazan\w{1,3}|ogranicz\w{1,10}|ostrzegawcz\w{1,3}"
            r"|autoryzacj\w|wysokości)|zakaz lotów|lotnisk\w{1,3}",
            "ru": r"бесполётн\w{1,3}|бесполетн\w{1,3}|запр[её]т\w{0,4} (полётов|полетов|зон\w{1,2})"
            r"|зон\w{1,2},? (GEO|запр[её]\w{1,12}|с? ?ограничен\w{1,6}|предупреждени\w"
            r"|авторизаци\w)|пол[её]т\w{0,2} запрещ[её]н\w{0,2}|аэропорт\w{0,3}|аэродром\w{0,3}",
            "ko": r"비행 ?(금지|제한)|(금지|제한|경고|인증|승인|고도) ?(구역|지역|영역)|공항",
        },
        "limit.config": {
            "en": r"\bset\b.{0,200}\b(altitude|height|distance|radius)\b",
            "zh": r"[设設][置定].{0,200}(高度|距离|距離)",
            "de": r"(höhe|distanz|entfernung|radius)\b.{0,200}\b(ein|fest)gestellt",
            "fr": r"(altitude|hauteur|distance|rayon)\b.{0,200}\b(définie?|réglée?)\b",
            "ja": r"(高度|距離).{0,200}設定",
            "es": r"(altitud|altura|distancia|radio)\b.{0,200}\b(establecid|configurad"
            r"|ajustad)[oa]\b",
            "it": r"(altitudine|altezza|distanza|raggio)\b.{0,200}\bimpostat[ao]\b",
            "pt": r"(altitude|altura|distância|raio)\b.{0,200}\b(definid|configurad)[oa]\b",
            "nl": r"(hoogte|afstand)\b.{0,200}\bingesteld\b",
            "pl": r"(wysokość|odległość)\b.{0,200}\bustawion\w\b",
            "ru": r"(высота|расстояние|дальность)\b.{0,200}\b(установлен|задан)\w{0,2}\b",
            "ko": r"(고도|거리).{0,200}설정",
        },
        "limit.height": {
            "en": r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)[^.]{0,20}"
            r" (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)",
            "zh": r"最[大高](飞行|飛行)?高度|限高",
            "de": r"maximale \w{0,30}höhe",
            "fr": r"(altitude|hauteur) (de vol )?max",
            "ja": r"最[大高](飛行)?高度",
            "es": r"(altitud|altura) (de vuelo )?máxima|límite de (altitud|altura)",
            "it": r"(altitudine|altezza|quota) (di volo )?massima|limite di (altitudine|altezza)",
            "pt": r"(altitude|altura) (de voo )?máxima|(altitude|altura) máxima|limite de altitude",
            "nl": r"maximale (vlieg)?hoogte|hoogtelimiet",
            "pl": r"maksymaln\w{1,2} (wysokość|pułap)|limit wysokości",
            "ru": r"максимальн\w{1,3} высот\w{1,2}",
            "ko": r"최대 ?(비행 ?)?고도|고도 제한에",
        },
        "limit.distance": {
            "en": r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)"
            r"[^.]{0,20} (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)",
            "zh": r"最[大远遠](飞行|飛行)?(距离|距離|半[径徑])|限远|限遠",
            "de": r"maximaler? \w{0,30}(distanz|entfernung|radius)",
            "fr": r"(distance|rayon) (de vol )?max",
            "ja": r"最大(飛行)?(距離|半径)",
            "es": r"(distancia|radio) (de vuelo )?máxim[ao]|límite de distancia",
            "it": r"(distanza|raggio) (di volo )?massim[ao]|limite di distanza",
            "pt": r"(distância|raio) (de voo )?máxim[ao]|limite de distância",
            "nl": r"maximale (vlieg)?afstand|afstandslimiet",
            "pl": r"maksymaln\w{1,2} (odległość|zasięg)|limit odległości",
            "ru": r"максимальн\w{1,3} (расстояни\w|дальност\w|радиус\w{0,2})",
            "ko": r"최대 ?(비행 ?)?(거리|반경)",
        },
        "traffic": {
            # DJI's AirSense and its apps speak of manned aircraft; "aircraft" alone is the drone.
            "en": r"\bADS-?B\b|\bAirSense\b|\b(manned|other|another|civil|crewed) aircraft\b"
            r"|aircraft (is |are )?(flying )?(nearby|in (the |your )?vicinity)|nearby aircraft"
            r"|\bhelicopter\b",
            "zh": r"(附近|周[围圍]).{0,6}(飞机|飛機|航空器|直升[机機])"
            r"|[载載有]人(飞机|飛機|航空器|[机機])",
            "de": r"bemannte\w{0,30} (luft|flug)\w{0,30}"
            r"|(flugzeug|hubschrauber)\w{0,30} in der nähe",
            "fr": r"(aéronefs?|avions?|hélicoptères?)( \w{1,30})? à proximité|aéronefs? habité",
            "ja": r"有人(機|航空機)|(付近|周囲).{0,4}(航空機|ヘリ)",
            "es": r"(aeronaves?|avi[óo]n(es)?|helicópteros?) (tripulad[oa]s? |en las )?(cerca"
            r"|cercan[oa]s?"
            r"|proximidades)|aeronaves? tripuladas?",
            "it": r"(aerei|aereo|elicotter[io]|velivol[io]) (con equipaggio )?(nelle vicinanze"
            r"|vicin[io])",
            "pt": r"(aeronaves?|aviões|avião|helicópteros?) (tripulad[ao]s? )?(nas proximidades"
            r"|próxim[ao]s?)"
            r"|aeronaves? tripuladas?",
            "nl": r"bemande? (luchtvaartuig|vliegtuig)\w{0,3}|(vliegtuig"
            r"|helikopter)\w{0,3} in de buurt",
            "pl": r"załogow\w{1,3} (statek|samolot)\w{0,3}|(samolot|śmigłowiec"
            r"|helikopter)\w{0,3} w pobliżu",
            "ru": r"пилотируем\w{1,3} (воздушн|самол|летат)\w{1,10}|(самол[её]т"
            r"|верт[оа]л[её]т)\w{0,3} поблизости",
            "ko": r"유인 ?(항공기|기체)|(근처|주변).{0,4}(항공기|헬리콥터)",
        },
    }
)
#: The same for what flags of the aircraft mostly state: read only where they do not.
FAULT_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "link.lost": {
            "en": r"\b(RC|remote controller|controller) signal lost|lost (RC|remote controller)",
            "zh": r"遥控器?信号(丢失|中断)|遙控器?訊號(遺失|中斷)",
        },
        "failsafe": {"en": r"\bfail.?safe\b"},
        "fault": {
            "en": r"(compass|IMU|barometer|ESC|motor) (error|failure|abnormal|stuck|blocked|stall)"
            r"|propeller (lost|fell off|broken)|not enough force",
            "zh": r"(指南针|指南針|磁罗盘)(异常|異常|错误|錯誤)|[电電][机機](堵转|堵轉|异常|異常)",
            "de": r"kompassfehler|kompass(\w{0,30} )?gestört|motor blockiert",
            "fr": r"erreur (de |du )?(compas|boussole)",
            "ja": r"コンパス(エラー|異常)|モーター(エラー|異常)",
        },
    }
)
