package dev.grantline.examples

import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers

/** Where a login leaves the provider: with the URL of a redirect, or with the body of a form that it posts. */
data class Arrival(val url: String, val form: String? = null)

/** A browser that follows redirects, keeps cookies, and fills in the emulator's login and consent pages. */
class ScriptedBrowser(
    private val username: String = "anna@example.com",
    private val password: String = "correct horse",
    private val consent: String = "accept",
) {
    private val http = HttpClient.newHttpClient()
    private val cookies = mutableMapOf<String, String>()

    /** Opens the authorization URL and goes on until the browser would leave the provider for [redirectUri]. */
    fun open(authorizationUrl: String, redirectUri: String): Arrival {
        var page = get(URI.create(authorizationUrl))
        repeat(STEPS) {
            val place = page.headers().firstValue("location").orElse(null) ?: return submitted(page.body())
            if (place.startsWith(redirectUri)) return Arrival(place)
            page = answer(page.uri().resolve(place))
        }
        error("the provider redirects in a circle")
    }

    private fun answer(place: URI): HttpResponse<String> =
        when (place.path) {
            "/login" -> post(place, "username" to username, "password" to password, "action" to "login")
            "/consent" -> post(place, "action" to consent)
            else -> get(place)
        }

    private fun submitted(html: String): Arrival {
        val action = FORM.find(html)?.groupValues?.get(1) ?: error("neither a redirect nor a form")
        val fields = FIELD.findAll(html).map { unescaped(it.groupValues[1]) to unescaped(it.groupValues[2]) }
        return Arrival(unescaped(action), encoded(fields.toList()))
    }

    private fun get(place: URI) = send(HttpRequest.newBuilder(place))

    private fun post(place: URI, vararg fields: Pair<String, String>): HttpResponse<String> {
        val transaction = place.query.removePrefix("transaction=")
        val body = encoded(listOf("transaction" to transaction) + fields)
        val target = place.resolve(place.path)
        val form = HttpRequest.newBuilder(target).header("content-type", "application/x-www-form-urlencoded")
        return send(form.POST(BodyPublishers.ofString(body)))
    }

    private fun send(request: HttpRequest.Builder): HttpResponse<String> {
        if (cookies.isNotEmpty()) request.header("cookie", cookies.map { (name, value) -> "$name=$value" }.joinToString("; "))
        val response = http.send(request.build(), BodyHandlers.ofString())
        for (cookie in response.headers().allValues("set-cookie")) {
            val (name, value) = cookie.substringBefore(';').split('=', limit = 2)
            cookies[name] = value
        }
        return response
    }

    private companion object {
        const val STEPS = 10
        val FORM = Regex("""<form method="post" action="([^"]*)"""")
        val FIELD = Regex("""<input type="hidden" name="([^"]*)" value="([^"]*)">""")
        val ENTITY = Regex("&#([0-9]+);")

        fun encoded(fields: List<Pair<String, String>>) =
            fields.joinToString("&") { (name, value) -> "${encoded(name)}=${encoded(value)}" }

        fun encoded(text: String): String = URLEncoder.encode(text, Charsets.UTF_8)

        fun unescaped(text: String) =
            ENTITY.replace(text) { Char(it.groupValues[1].toInt()).toString() }.replace("&amp;", "&")
    }
}
