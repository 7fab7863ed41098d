package dev.grantline

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

/** A member that is text; `null` where it is absent or null. */
fun JsonObject.text(name: String): String? = this[name]?.jsonPrimitive?.contentOrNull

fun JsonObject.number(name: String): Long? = (this[name] as? JsonPrimitive)?.takeIf { it.contentOrNull != null }?.long

fun JsonObject.child(name: String): JsonObject? = this[name] as? JsonObject

fun JsonObject.texts(name: String): List<String> = (this[name]?.jsonArray ?: JsonArray(emptyList())).texts()

/** The same object, which may have no other members: a runner that does not know one must not pass over it. */
fun JsonObject.only(vararg names: String): JsonObject =
    also { check((keys - names.toSet()).isEmpty()) { "unknown members: ${keys - names.toSet()}" } }

fun JsonArray.texts(): List<String> = map { it.jsonPrimitive.content }

fun JsonObject.objects(name: String): List<JsonObject> = getValue(name).jsonArray.map(JsonElement::jsonObject)
