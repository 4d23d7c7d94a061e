"""Messages of the app are read in known languages; in others nothing is taken for silence."""

import pytest

from parsers.dji._app_messages import (
    LANGUAGES,
    UNDERSTOOD,
    event_kind_of_app_message,
    explain_unknown_language,
    language_if_message_not_understood,
)


@pytest.mark.parametrize(
    "text",
    [
        "Weak GPS signal. Positioning accuracy may be compromised. Please fly with caution.",
        "Home Point Recorded, Return-to-Home Altitude:98FT",
        "Landing Gear Raised",
        "Tips__Taking Off",
        "RTH Altitude: 65FT.",
        "GEO: You are in a Warning Zone (Aéroport de Lyon). Fly with caution.",
        "P-GPS",
        "Compass error.",
        "Data Recorder File Index is 4.",
        "WARNING: RETURN TO HOME",
        "",
    ],
)
def test_english_and_bare_abbreviations_are_understood(text: str) -> None:
    assert language_if_message_not_understood(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("返航点已刷新", "Chinese"),
        ("ホームポイントが更新されました", "Japanese"),
        ("Der Home-Point wurde aktualisiert.", "German"),
        ("Vous êtes dans une zone d'avertissement", "French"),
        ("Home-Point aktualisiert.", "an unknown language"),
        ("Error de la brújula. Vuele con precaución.", "Spanish"),
        ("Sei in una zona di volo vietata.", "Italian"),
        ("Вы находитесь в запретной зоне", "Russian"),
        ("비행 금지 구역", "Korean"),
        ("Atterrissage", "an unknown language"),
        ("Ви перебуваєте в забороненій зоні", "an unknown language"),
        ("คุณอยู่ในเขตห้ามบิน", "an unknown language"),
        ("Je bevindt je in een waarschuwingszone", "Dutch"),
        ("Dron jest w strefie", "Polish"),
        ("Você está em uma zona restrita", "Portuguese"),
        # All in capitals, which are no abbreviations.
        ("ATTENZIONE: ZONA VIETATA", "an unknown language"),
        # Words that other languages share with English.
        ("Area vietata", "an unknown language"),
        ("Altitude restrita", "an unknown language"),
        ("Error zona", "an unknown language"),
        # Bytes of an encoding other than UTF-8.
        ("\ufffd\ufffd\ufffd\ufffd", "an encoding that is not known"),
    ],
)
def test_any_other_language_is_not(text: str, language: str) -> None:
    assert language_if_message_not_understood(text) == language
    assert text[:20] in explain_unknown_language(["Landing", text])


def test_messages_that_are_all_understood_need_no_word() -> None:
    assert explain_unknown_language(["Landing", "Taking off"]) == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("飞行器处于禁飞区,无法起飞。", "geofence.warning"),
        ("飛行器位於禁航區", "geofence.warning"),
        (
            "Fluggerät befindet sich in einer Flugverbotszone. Start nicht möglich.",
            "geofence.warning",
        ),
        ("L'appareil se trouve dans une zone interdite de vol.", "geofence.warning"),
        ("機体は飛行禁止区域内です。", "geofence.warning"),
        ("已达到最大飞行高度", "limit.height"),
        ("Maximale Flughöhe erreicht", "limit.height"),
        ("Distance de vol maximale atteinte. distance max", "limit.distance"),
        ("最大飛行距離に達しました", "limit.distance"),
        ("Max Flight Altitude Reached (120m)", "limit.height"),
        ("Aircraft has reached its maximum flight altitude.", "limit.height"),
        ("Altitude limit reached. Adjust it in settings.", "limit.height"),
        ("Approaching max flight altitude", "tip"),
        ("Max. flight distance has been reached", "limit.distance"),
        ("Your aircraft reached the distance limit", "limit.distance"),
        ("Manned aircraft nearby. Fly with caution.", "traffic"),
        ("ADS-B: another aircraft approaching", "traffic"),
        ("Aircraft is returning to the Home Point.", "tip"),
        ("Bemanntes Luftfahrzeug in der Nähe", "traffic"),
        ("附近有载人飞机,请注意避让", "traffic"),
        ("Landung", "tip"),
        ("着陆中", "tip"),
        (
            "La aeronave está en una zona de exclusión aérea. No se puede despegar.",
            "geofence.warning",
        ),
        ("Estás en una zona de advertencia", "geofence.warning"),
        ("Altitud de vuelo máxima alcanzada", "limit.height"),
        ("Distancia de vuelo máxima alcanzada", "limit.distance"),
        ("Aeronave tripulada cerca. Vuele con precaución.", "traffic"),
        ("Altitud máxima de vuelo establecida en 120 m", "limit.config"),
        ("La aeronave está regresando al punto de origen.", "tip"),
        ("Il velivolo si trova in una zona interdetta al volo.", "geofence.warning"),
        ("Sei in una zona di avviso", "geofence.warning"),
        ("Altitudine di volo massima raggiunta", "limit.height"),
        ("Distanza di volo massima raggiunta", "limit.distance"),
        ("A aeronave está em uma zona de exclusão aérea.", "geofence.warning"),
        ("Altitude máxima de voo atingida", "limit.height"),
        ("Distância de voo máxima atingida", "limit.distance"),
        ("Drone bevindt zich in een no-flyzone.", "geofence.warning"),
        ("Je bevindt je in een waarschuwingszone", "geofence.warning"),
        ("Maximale vlieghoogte bereikt", "limit.height"),
        ("Dron znajduje się w strefie zakazu lotów", "geofence.warning"),
        ("Osiągnięto maksymalną wysokość lotu", "limit.height"),
        ("Дрон находится в бесполётной зоне", "geofence.warning"),
        ("Вы находитесь в зоне предупреждения", "geofence.warning"),
        ("Достигнута максимальная высота полёта", "limit.height"),
        ("기체가 비행 금지 구역에 있습니다. 이륙할 수 없습니다.", "geofence.warning"),
        ("최대 비행 고도에 도달했습니다", "limit.height"),
        ("최대 비행 거리에 도달했습니다", "limit.distance"),
        ("착륙 중", "tip"),
    ],
)
def test_words_of_zones_and_limits_are_recognised_in_each_language(text: str, kind: str) -> None:
    assert event_kind_of_app_message(text, "tip") == kind


@pytest.mark.parametrize(
    "text",
    [
        "Nearest airport: 25 km",
        "GEO zone database updated successfully",
        "No-Fly Zone data is up to date",
        "Camera restricted to 30 fps",
        "Flight mode unrestricted",
        "No GEO zones nearby. Safe to fly",
        "GEO zones: none within 5 km",
        "Aircraft left the Warning Zone. Fly safely",
        "You are not in a restricted zone",
        "Maximum flight distance not reached",
        "Max altitude has not been exceeded",
        "最近的机场: 25 公里",
        "附近没有禁飞区",
        "飞行器不在限飞区内",
        "飞行器已离开警示区",
        "禁飞区数据库已更新",
        "未达到最大飞行高度",
        "最大飞行距离未达到",
        "接近最大飞行高度",
        "Nächster Flughafen: 25 km",
        "Keine GEO-Zonen in der Nähe",
        "Keine Flugverbotszone in der Nähe",
        "Fluggerät ist nicht in einer Flugverbotszone",
        "Warnzone verlassen",
        "Fluggerät außerhalb der Sperrzone",
        "GEO-Zonen-Datenbank wurde aktualisiert",
        "Maximale Flughöhe nicht erreicht",
        "Aéroport le plus proche : 25 km",
        "Aucune zone GEO à proximité",
        "L'appareil n'est pas dans une zone interdite de vol.",
        "L'appareil a quitté la zone d'avertissement",
        "Base de données des zones GEO à jour",
        "Altitude maximale non atteinte",
        "Distance de vol max pas encore atteinte",
        "最寄りの空港: 25 km",
        "付近に飛行禁止区域はありません",
        "飛行制限エリアから出ました",
        "飛行禁止区域データベースが更新されました",
        "最大高度に達していません",
        "最大高度に近づいています",
        "Aeropuerto más cercano: 25 km",
        "No hay zonas GEO cerca",
        "La aeronave salió de la zona de advertencia",
        "Datos de zonas GEO actualizados",
        "Altitud de vuelo máxima no alcanzada",
        "Aeroporto più vicino: 25 km",
        "Nessuna zona GEO nelle vicinanze",
        "Altitudine massima non raggiunta",
        "Aeroporto mais próximo: 25 km",
        "Nenhuma zona GEO por perto",
        "Altitude máxima de voo não atingida",
        "Dichtstbijzijnde luchthaven: 25 km",
        "Geen GEO-zones in de buurt",
        "Maximale vlieghoogte niet bereikt",
        "Najbliższe lotnisko: 25 km",
        "Brak stref GEO w pobliżu",
        "Ближайший аэропорт: 25 км",
        "Нет запретных зон поблизости",
        "Максимальная высота не достигнута",
        "가장 가까운 공항: 25 km",
        "근처에 비행 금지 구역이 없습니다",
        "경고 구역을 벗어났습니다",
        "최대 고도에 도달하지 않았습니다",
    ],
)
def test_what_a_message_denies_is_no_event(text: str) -> None:
    assert event_kind_of_app_message(text, "tip") == "tip"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("No Fly Zone nearby", "geofence.warning"),
        ("No GEO zones to unlock. Aircraft is in a Warning Zone", "geofence.warning"),
        ("Altitude restricted to 60 m", "geofence.warning"),
        ("Failed to update the GEO zone database", "geofence.warning"),
        ("Take off near airport", "geofence.warning"),
        ("Distance limit not reached. Max altitude reached", "limit.height"),
        ("已离开警示区。前方禁飞区", "geofence.warning"),
        ("无法起飞:飞行器位于禁飞区", "geofence.warning"),
        ("没有授权,无法进入授权区", "geofence.warning"),
        ("无法更新禁飞区数据库", "geofence.warning"),
        ("Keine Autorisierung für die Flugverbotszone", "geofence.warning"),
        ("Start in der Nähe eines Flughafens nicht möglich", "geofence.warning"),
        ("Warnzone verlassen. Flugverbotszone voraus", "geofence.warning"),
        ("Vous n'êtes pas autorisé dans la zone interdite de vol", "geofence.warning"),
        ("Aucune autorisation: zone interdite", "geofence.warning"),
        ("飛行制限エリアから出ました。飛行禁止区域に近づいています", "geofence.warning"),
        ("飛行禁止区域内では飛行できません", "geofence.warning"),
        ("最大高度に達しました", "limit.height"),
        ("Sin autorización en una zona restringida", "geofence.warning"),
        ("Non puoi decollare: zona interdetta al volo", "geofence.warning"),
        ("Нет разрешения на взлёт: запретная зона", "geofence.warning"),
        ("비행 금지 구역에서는 이륙할 수 없습니다", "geofence.warning"),
    ],
)
def test_what_stands_beside_a_denial_is_read(text: str, kind: str) -> None:
    assert event_kind_of_app_message(text, "tip") == kind


def test_faults_are_read_from_messages_only_where_nothing_else_tells_them() -> None:
    text = "Compass error. Fly with caution."
    assert event_kind_of_app_message(text, "warning") == "warning"
    assert event_kind_of_app_message(text, "warning", ("fault",)) == "fault"
    assert event_kind_of_app_message("RC signal lost.", "tip", ("link.lost",)) == "link.lost"
    # No event: it says how the pilot could force a landing.
    words = "Push throttle down to use force landing."
    assert event_kind_of_app_message(words, "tip", ("link.lost", "failsafe", "fault")) == "tip"


def test_only_languages_of_which_words_are_known_are_understood() -> None:
    assert set(LANGUAGES) >= UNDERSTOOD
