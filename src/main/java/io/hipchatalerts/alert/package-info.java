/** The alert event as it comes in: read leniently where Kapacitor's versions differ, strictly where it matters. */
package io.hipchatalerts.alert;
