/** The path of one alert and what comes of it. */
package io.hipchatalerts;
