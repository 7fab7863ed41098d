package dev.grantline

import com.sun.net.httpserver.HttpServer
import java.net.InetSocketAddress
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.io.path.writeText

/** What an application was told: a form, or a webhook with its signature. */
class Told(val body: ByteArray, val signature: String)

/** An emulator that tells an application what happens, and the place where it is told. */
class Notifier(folder: Path) : AutoCloseable {
    private val told = LinkedBlockingQueue<Told>()
    private val receiver = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0).apply {
        createContext("/") { exchange ->
            val signature = exchange.requestHeaders.getFirst("X-Visma-Signature").orEmpty()
            told.add(Told(exchange.requestBody.readBytes(), signature))
            exchange.sendResponseHeaders(200, -1)
            exchange.close()
        }
        start()
    }
    private val child: Process

    val emulator: Emulator

    init {
        val config = folder.resolve("emulator.toml").apply { writeText(config("http://127.0.0.1:${receiver.address.port}/told")) }
        child = emulator("--port", "0", "--config", config.toString())
        val ready = child.inputStream.bufferedReader().lineSequence().first { it.startsWith("ready ") }
        emulator = Emulator("visma", ready.removePrefix("ready ").trim())
    }

    fun next(): Told = checkNotNull(told.poll(20, TimeUnit.SECONDS)) { "the application was not told" }

    override fun close() {
        child.destroy()
        receiver.stop(0)
    }

    /** The built-in one, with two addresses more. */
    private fun config(url: String): String {
        val builtIn = emulator("--print-config").inputStream.bufferedReader().readText()
        val web = "client_id = \"isv_web\"\n"
        val service = "client_id = \"isv_service\"\n"
        return builtIn
            .replaceFirst(Regex("(?m)^$web"), "${web}backchannel_logout_uri = \"$url\"\n")
            .replaceFirst(Regex("(?m)^$service"), "${service}webhook_url = \"$url\"\nwebhook_secret = \"$SECRET\"\n")
    }

    private fun emulator(vararg arguments: String): Process =
        ProcessBuilder(environment("GRANTLINE_PROGRAM"), "emulator", *arguments)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()

    companion object {
        const val SECRET = "of-the-webhook"
    }
}
