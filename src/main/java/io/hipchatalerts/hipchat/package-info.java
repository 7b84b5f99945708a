/**
 * HipChat's v2 API: the typed client, the notification, and the meaning of each answer. One request gives one result.
 */
package io.hipchatalerts.hipchat;
