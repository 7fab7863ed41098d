package dev.grantline

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers

/**
 * Where grantline's own coroutines run, none of which blocks its thread. They go on while all of [Dispatchers.Default]
 * waits in [Client.close], and whatever the application's code does.
 */
internal val ownThreads: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(2, "grantline")

/** For the calls of one performer or one store of the application. It may block them all, and holds up only itself. */
internal fun threadsToBlock(): CoroutineDispatcher = Dispatchers.IO.limitedParallelism(64, "grantline's application")
