package dev.grantline

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers

/**
 * Where the application's performers and stores run. They may block their threads, and go on while all of
 * [Dispatchers.Default] waits in [Client.close].
 */
internal val ownThreads: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(64, "grantline")
