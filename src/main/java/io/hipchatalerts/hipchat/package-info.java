/** HipChat's v2 call: the typed client, the notification, what its answers mean, and trying again. */
package io.hipchatalerts.hipchat;
