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
        },
        "limit.config": {
            "en": r"\bset\b.{0,200}\b(altitude|height|distance|radius)\b",
            "zh": r"[设設][置定].{0,200}(高度|距离|距離)",
            "de": r"(höhe|distanz|entfernung|radius)\b.{0,200}\b(ein|fest)gestellt",
            "fr": r"(altitude|hauteur|distance|rayon)\b.{0,200}\b(définie?|réglée?)\b",
            "ja": r"(高度|距離).{0,200}設定",
        },
        "limit.height": {
            "en": r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)[^.]{0,20}"
            r" (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)",
            "zh": r"最[大高](飞行|飛行)?高度|限高",
            "de": r"maximale \w{0,30}höhe",
            "fr": r"(altitude|hauteur) (de vol )?max",
            "ja": r"最[大高](飛行)?高度",
        },
        "limit.distance": {
            "en": r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)"
            r"[^.]{0,20} (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)",
            "zh": r"最[大远遠](飞行|飛行)?(距离|距離|半[径徑])|限远|限遠",
            "de": r"maximaler? \w{0,30}(distanz|entfernung|radius)",
            "fr": r"(distance|rayon) (de vol )?max",
            "ja": r"最大(飛行)?(距離|半径)",
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
